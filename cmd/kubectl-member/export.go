package main

import (
	"context"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/roster"
)

// asControlHub is the csv file of Webex Control Hub.
const asControlHub = "controlhub"

// exportFormats are what an export can write.
var exportFormats = []string{string(roster.CSV), string(roster.XLSX), asYAML, asControlHub}

// newExportCommand is `kubectl member export`.
func newExportCommand(s *session) *cobra.Command {
	var format, file string
	var filter memberFilter
	command := &cobra.Command{
		Use:   "export [-o csv|xlsx|yaml|controlhub] [-f FILE]",
		Short: "Write members as a sheet to import, or as manifests for Git",
		Long: `Write members as a sheet with the columns of an import, or as manifests for Git.
Importing what was exported changes nothing.

The Super Admin is left out, who is made from ContactCenter.spec.superAdmin. The
manifests have what somebody has decided, without what the operator and the API
server fill in, and without what is done to a member in the course of a day: forcing
offline and password resets.

All say what the members' own specs say. What they have from MemberTemplates and
defaults stays with those: kubectl member list -o csv has it.

-o controlhub is a csv file for Webex Control Hub: names, e-mail addresses, and the
licence as the two services of Webex Contact Center. Before Control Hub takes it,
rename the columns of the two services as a file that it has exported spells them,
with your subscription.`,
		Example: `  # A workbook to edit, and to import again
  kubectl member export -f members.xlsx
  kubectl member import members.xlsx --mode upsert

  # The supervisors of the group billing
  kubectl member export --role supervisor --group billing

  # For Webex Control Hub
  kubectl member export -o controlhub -f users.csv

  # Manifests for Git
  kubectl member export -f members.yaml`,
		Args: noArguments,
		RunE: func(command *cobra.Command, _ []string) error {
			chosen, err := fileFormat(command, format, file, exportFormats...)
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
	flags.StringVarP(&format, "output", "o", string(roster.CSV), "The format: "+strings.Join(exportFormats, ", ")+"; by default what the name of the file says")
	flags.StringVarP(&file, "filename", "f", "", "The file to write; by default to standard output")
	flags.StringVarP(&filter.selector, "selector", "l", "", "Only members with these labels, as kubectl get -l")
	flags.StringVar(&filter.role, "role", "", "Only members for whom this role counts, also by a MemberTemplate")
	flags.StringVar(&filter.group, "group", "", "Only members who are in this skill group, whoever says so")
	completeFlag(command, "output", exportFormats...)
	completeFlag(command, "role", roleWords...)
	completeFlagWith(command, "group", completeGroups(s))
	filter.assignedFilter.addTo(s, command)
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
		made := manifest(member)
		withoutDefaults(&made.Spec)
		e.manifests = append(e.manifests, made)
		return
	}
	e.people = append(e.people, personOf(member))
}

// write writes all.
func (e *exported) write(w io.Writer, format string) error {
	switch format {
	case asYAML:
		return writeManifests(w, e.manifests)
	case asControlHub:
		return roster.WriteControlHub(w, e.people)
	}
	return roster.Write(w, roster.Format(format), e.people)
}
