package v1alpha1

// License is a member's licence: what a Member asks for.
//
// +kubebuilder:validation:Enum=Standard;Premium;None
type License string

// The licences that a Member may ask for.
const (
	// LicenseStandard asks for a Standard seat: voice.
	LicenseStandard License = "Standard"
	// LicensePremium asks for a Premium seat: every channel, and supervision.
	LicensePremium License = "Premium"
	// LicenseNone asks for no seat, whatever a MemberTemplate would give.
	LicenseNone License = "None"
)

// LicenseTier is a kind of seat that a contact centre has a number of.
//
// +kubebuilder:validation:Enum=Standard;Premium
type LicenseTier string

// The tiers.
const (
	// TierStandard is for agents.
	TierStandard LicenseTier = "Standard"
	// TierPremium is for agents with every channel, and the one that a Supervisor
	// needs.
	TierPremium LicenseTier = "Premium"
)

// Licenses are the seats that a contact centre has.
type Licenses struct {
	// Standard is the number of Standard seats: 0 (the default) to 1000000.
	//
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=1000000
	// +kubebuilder:default=0
	// +optional
	Standard int32 `json:"standard"`

	// Premium is the number of Premium seats: 0 (the default) to 1000000.
	//
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=1000000
	// +kubebuilder:default=0
	// +optional
	Premium int32 `json:"premium"`
}

// Seats is the number of seats of a tier.
func (l Licenses) Seats(tier LicenseTier) int32 {
	if tier == TierPremium {
		return l.Premium
	}
	return l.Standard
}

// LicensesStatus counts the seats of a contact centre.
type LicensesStatus struct {
	// Standard counts the Standard seats.
	Standard SeatCounts `json:"standard"`
	// Premium counts the Premium seats.
	Premium SeatCounts `json:"premium"`
}

// SeatCounts counts the seats of one tier.
type SeatCounts struct {
	// Seats is how many there are, as spec.licenses has it.
	Seats int32 `json:"seats"`
	// Used is how many Members hold one. It is larger than seats after the number
	// of seats was lowered, since nobody who holds one loses it.
	Used int32 `json:"used"`
	// Waiting is how many Members ask for one and do not hold it.
	Waiting int32 `json:"waiting"`
}

// LicenseStatus is the seat that a Member holds, or waits for.
type LicenseStatus struct {
	// Tier is the tier of the seat that the Member holds; absent while it holds
	// none.
	//
	// +optional
	Tier LicenseTier `json:"tier,omitempty"`

	// Requested is the tier that the Member waits for; absent while it waits for
	// none. Who waits for another tier keeps the seat of this one.
	//
	// +optional
	Requested LicenseTier `json:"requested,omitempty"`

	// Source is who asked for the licence: Member, or Template/ and the name of a
	// MemberTemplate.
	//
	// +optional
	Source AssignmentSource `json:"source,omitempty"`
}

// AssignmentSource is where a value that counts for a Member came from: Member (its
// own spec), Template/ and the name of a MemberTemplate, or Default (the
// ContactCenter's spec.defaults, or what follows from role and licence).
//
// +kubebuilder:validation:MaxLength=72
// +kubebuilder:validation:Pattern=`^(Member|Default|Template/.+)$`
type AssignmentSource string

const (
	// SourceMember is the Member's own spec.
	SourceMember AssignmentSource = "Member"
	// SourceDefault is the ContactCenter's spec.defaults, or what follows from role
	// and licence.
	SourceDefault AssignmentSource = "Default"
	// templateSourcePrefix goes before the name of a MemberTemplate.
	templateSourcePrefix = "Template/"
)

// SourceTemplate is the MemberTemplate of a name.
func SourceTemplate(name string) AssignmentSource {
	return AssignmentSource(templateSourcePrefix + name)
}

// Assignment is a value that counts for a Member, and where it came from.
type Assignment struct {
	// Name of the object, or of the role.
	//
	// +kubebuilder:validation:MaxLength=63
	Name string `json:"name"`

	// Source is where it came from: Member, Template/ and a name, or Default.
	Source AssignmentSource `json:"source"`
}
