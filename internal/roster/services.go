package roster

// Services holds a person's two services in a Control Hub file: true for TRUE, false for
// FALSE, and nil for an empty cell. A service with several columns, one per subscription,
// is true if any of them is TRUE, and false only if all are FALSE.
type Services struct {
	// Standard is the service Webex Contact Center Standard.
	Standard *bool
	// Premium is the service Webex Contact Center Premium.
	Premium *bool
}

// ServicesMode is the effect of FALSE in an import.
type ServicesMode string

const (
	// AddServices means that TRUE adds a service and FALSE changes nothing.
	AddServices ServicesMode = "add"
	// AddRemoveServices means that TRUE adds a service and FALSE removes it.
	AddRemoveServices ServicesMode = "add-remove"
)

// ServicesOf returns the cells to write for a license: both empty if it is empty, both
// FALSE for None, and TRUE for its own service alone if it is Standard or Premium.
func ServicesOf(license string) Services {
	switch license {
	case LicenseNone, LicenseStandard, LicensePremium:
		return Services{Standard: new(license == LicenseStandard), Premium: new(license == LicensePremium)}
	default:
		return Services{}
	}
}

// License returns the license (Standard, Premium, None, or empty) that a Member's spec
// requests after an import. Held is the license that the spec or a MemberTemplate
// requests before; it is empty for a new Member.
//
//   - If Premium is TRUE: Premium, even if Standard is TRUE too, because a member holds
//     one license and the better one counts.
//   - If only Standard is TRUE: Standard. But Premium is kept if it is held, unless the
//     mode is AddRemoveServices and Premium is FALSE.
//   - If neither is TRUE: with AddServices, the held license. With AddRemoveServices,
//     None if both are FALSE or the held service is; otherwise the held license. The
//     result is None instead of empty because a MemberTemplate could assign again what
//     the file removed.
func (s Services) License(mode ServicesMode, held string) string {
	removes := mode == AddRemoveServices
	switch {
	case isTrue(s.Premium):
		return LicensePremium
	case isTrue(s.Standard) && held == LicensePremium && (!removes || !isFalse(s.Premium)):
		return LicensePremium
	case isTrue(s.Standard):
		return LicenseStandard
	case removes && s.areDenied(held):
		return LicenseNone
	default:
		return held
	}
}

// areDenied reports whether the held service is FALSE, or both if none is held.
func (s Services) areDenied(held string) bool {
	switch held {
	case LicenseStandard:
		return isFalse(s.Standard)
	case LicensePremium:
		return isFalse(s.Premium)
	default:
		return isFalse(s.Standard) && isFalse(s.Premium)
	}
}

// AreNone reports whether a service is FALSE and none is TRUE: the file covers contact
// center services, and the person has none.
func (s Services) AreNone() bool {
	return !isTrue(s.Standard) && !isTrue(s.Premium) && (isFalse(s.Standard) || isFalse(s.Premium))
}

func isTrue(service *bool) bool { return service != nil && *service }

func isFalse(service *bool) bool { return service != nil && !*service }
