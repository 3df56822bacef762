package roster

// Services are what the two service columns of a file of Control Hub say of a
// person: true for TRUE, false for FALSE, nil for an empty cell, which says
// nothing. Where a service has several columns, one for each subscription, it is
// true if one of them is TRUE, and false only if all are FALSE.
type Services struct {
	// Standard is the service Webex Contact Center Standard.
	Standard *bool
	// Premium is the service Webex Contact Center Premium.
	Premium *bool
}

// ServicesMode is what an import makes of FALSE.
type ServicesMode string

const (
	// AddServices lets TRUE add a service, and FALSE change nothing.
	AddServices ServicesMode = "add"
	// AddRemoveServices lets TRUE add a service, and FALSE remove it.
	AddRemoveServices ServicesMode = "add-remove"
)

// ServicesOf are the cells that are written for a licence: both empty for no word
// about it, both FALSE for None, and TRUE for the one and FALSE for the other
// where it is Standard or Premium.
func ServicesOf(license string) Services {
	switch license {
	case LicenseNone, LicenseStandard, LicensePremium:
		return Services{Standard: new(license == LicenseStandard), Premium: new(license == LicensePremium)}
	default:
		return Services{}
	}
}

// License is the licence (Standard, Premium, None; empty for no word about it)
// that a Member's spec asks for after an import, where held is what it asks for
// before, by itself or by a MemberTemplate: empty for a new Member.
//
//   - Premium is TRUE: Premium, also with Standard TRUE, since a member holds one
//     licence, and of two the better one counts.
//   - Standard alone is TRUE: Standard. But who holds Premium keeps it unless the
//     mode is AddRemoveServices and Premium is FALSE: nothing else takes it away.
//   - Neither is TRUE: with AddServices, what is held. With AddRemoveServices, None if
//     both are FALSE, or if the service that is held is; else what is held. It is
//     None rather than empty, since a MemberTemplate might give again what the file
//     has removed.
func (s Services) License(mode ServicesMode, held string) string {
	removes := mode == AddRemoveServices
	switch {
	case isTrue(s.Premium):
		return LicensePremium
	case isTrue(s.Standard) && held == LicensePremium && (!removes || !isFalse(s.Premium)):
		return LicensePremium
	case isTrue(s.Standard):
		return LicenseStandard
	case removes && s.deny(held):
		return LicenseNone
	default:
		return held
	}
}

// deny is whether FALSE stands for both services, or for the one that is held.
func (s Services) deny(held string) bool {
	switch held {
	case LicenseStandard:
		return isFalse(s.Standard)
	case LicensePremium:
		return isFalse(s.Premium)
	default:
		return isFalse(s.Standard) && isFalse(s.Premium)
	}
}

// AreNone is whether a service is FALSE and none is TRUE: the file knows of the
// services of contact centres, and the person has none.
func (s Services) AreNone() bool {
	return !isTrue(s.Standard) && !isTrue(s.Premium) && (isFalse(s.Standard) || isFalse(s.Premium))
}

func isTrue(service *bool) bool { return service != nil && *service }

func isFalse(service *bool) bool { return service != nil && !*service }
