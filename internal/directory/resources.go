package directory

import (
	corev1 "k8s.io/api/core/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/gate"
)

// Logins depend on these resources.
var (
	members = resource[*v1alpha1.Member, *memberRecord]{
		name: "members", example: &v1alpha1.Member{}, backoff: loginBackoff,
		read:    withOwnName(newMemberRecord),
		records: func(c *centerRecords) recordSet[*memberRecord] { return c.members },
	}
	credentialsSecrets = resource[*corev1.Secret, credentialsRecord]{
		name: "secrets", example: &corev1.Secret{}, backoff: loginBackoff,
		labelSelector: v1alpha1.ManagedByLabel + "=" + v1alpha1.ManagedByValue + "," + v1alpha1.MemberLabel,
		read:          readCredentials,
		records:       func(c *centerRecords) recordSet[credentialsRecord] { return c.credentials },
	}
	contactCenters = resource[*v1alpha1.ContactCenter, gate.Center]{
		name: "contactcenters", example: &v1alpha1.ContactCenter{}, backoff: loginBackoff,
		read: func(object *v1alpha1.ContactCenter) (string, gate.Center, bool) {
			center, ok := newCenter(object)
			return theContactCenter, center, ok
		},
		records: func(c *centerRecords) recordSet[gate.Center] { return c.contactCenters },
	}
)

// Only Whoami depends on these resources.
var (
	sites = resource[*v1alpha1.Site, string]{
		name: "sites", example: &v1alpha1.Site{}, backoff: whoamiBackoff,
		read:    withOwnName(func(site *v1alpha1.Site) string { return site.Spec.DisplayName }),
		records: func(c *centerRecords) recordSet[string] { return c.sites },
	}
	teams = resource[*v1alpha1.Team, string]{
		name: "teams", example: &v1alpha1.Team{}, backoff: whoamiBackoff,
		read:    withOwnName(func(team *v1alpha1.Team) string { return team.Spec.DisplayName }),
		records: func(c *centerRecords) recordSet[string] { return c.teams },
	}
	desktopProfiles = resource[*v1alpha1.DesktopProfile, *gate.DesktopProfile]{
		name: "desktopprofiles", example: &v1alpha1.DesktopProfile{}, backoff: whoamiBackoff,
		read:    withOwnName(newDesktopProfile),
		records: func(c *centerRecords) recordSet[*gate.DesktopProfile] { return c.desktopProfiles },
	}
)
