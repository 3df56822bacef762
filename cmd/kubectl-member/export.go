package main

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/roster"
)

// newExportCommand is `kubectl member export`.
func newExportCommand(s *session) *cobra.Command {
	var format, file string
	var filter memberFilter
	command := &cobra.Command{
		Use:   "export [-o csv|xlsx|yaml] [-f FILE]",
		Short: "Write members as a sheet to import, or as manifests for Git",
		Long: `Write members as a sheet with the columns of an import, or as manifests for Git.
Importing what was exported changes nothing.

The Super Admin is left out, who is made from ContactCenter.spec.superAdmin. The
manifests have what somebody has decided, without what the operator and the API
server fill in, and without what is done to a member in the course of a day: forcing
offline and password resets.`,
		Example: `  # A workbook to edit, and to import again
  kubectl member export -o xlsx -f members.xlsx
  kubectl member import members.xlsx --mode upsert

  # The supervisors of the group billing
  kubectl member export --role supervisor --group billing

  # Manifests for Git
  kubectl member export -o yaml -f members.yaml`,
		Args: noArguments,
		RunE: func(command *cobra.Command, _ []string) error {
			chosen, err := choose("output", format, string(roster.CSV), string(roster.XLSX), asYAML)
			if err != nil {
				return err
			}
			if err := filter.normalise(); err != nil {
				return err
			}
			return s.export(command.Context(), chosen, file, filter)
		},
	}
	flags := command.Flags()
	flags.StringVarP(&format, "output", "o", string(roster.CSV), "The format: csv, xlsx or yaml")
	flags.StringVarP(&file, "filename", "f", "", "The file to write; by default to standard output")
	flags.StringVarP(&filter.selector, "selector", "l", "", "Only members with these labels, as kubectl get -l")
	flags.StringVar(&filter.role, "role", "", "Only members with this role")
	flags.StringVar(&filter.group, "group", "", "Only members who are in this skill group, whoever says so")
	completeFlag(command, "output", string(roster.CSV), string(roster.XLSX), asYAML)
	completeFlag(command, "role", roleWords...)
	completeFlagWith(command, "group", completeGroups(s))
	return command
}

// export writes the members that a filter lets through.
func (s *session) export(ctx context.Context, format, file string, filter memberFilter) error {
	options, err := filter.options()
	if err != nil {
		return err
	}
	cluster, namespace, err := s.connect()
	if err != nil {
		return err
	}
	var found exported
	err = eachPage(ctx, cluster, namespace, pageSize, func(page []v1alpha1.Member) error {
		for i := range page {
			if filter.matches(&page[i]) {
				found.add(&page[i], format)
			}
		}
		return nil
	}, options...)
	if err != nil {
		return explained("", namespace, err)
	}
	if err := s.writeTo(file, format, func(w io.Writer) error { return found.write(w, format) }); err != nil {
		return err
	}
	if found.superAdmin {
		say(s.ErrOut, "note: the Super Admin is left out, who is made from ContactCenter.spec.superAdmin\n")
	}
	if found.offline > 0 && format == asYAML {
		say(s.ErrOut, "note: %s forced offline, which manifests leave out: it is done by kubectl member force-offline, not by Git\n", plural(found.offline, "member is", "members are"))
	}
	return nil
}

// exported is what an export writes. Of each Member it keeps no more than that.
type exported struct {
	people     []roster.Person
	manifests  []*v1alpha1.Member
	superAdmin bool
	// offline counts the members whose manifests do not say that they are cut off.
	offline int
}

// add takes a Member in.
func (e *exported) add(member *v1alpha1.Member, format string) {
	if member.Name == v1alpha1.SuperAdminMemberName {
		e.superAdmin = true
		return
	}
	if isCutOff(member) {
		e.offline++
	}
	if format == asYAML {
		e.manifests = append(e.manifests, manifest(member))
		return
	}
	e.people = append(e.people, personOf(member))
}

// write writes all.
func (e *exported) write(w io.Writer, format string) error {
	if format == asYAML {
		return writeManifests(w, e.manifests)
	}
	return roster.Write(w, roster.Format(format), e.people)
}
