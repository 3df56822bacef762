package v1alpha1

// License is the license that a Member asks for: Standard, Premium or None.
//
// +kubebuilder:validation:Enum=Standard;Premium;None
type License string

// Licenses that a Member can ask for.
const (
	// LicenseStandard asks for a Standard seat, which includes voice.
	LicenseStandard License = "Standard"
	// LicensePremium asks for a Premium seat, which includes every channel and
	// supervision.
	LicensePremium License = "Premium"
	// LicenseNone asks for no seat, even if a MemberTemplate would give one.
	LicenseNone License = "None"
)

// LicenseTier is the tier of a seat: Standard or Premium.
//
// +kubebuilder:validation:Enum=Standard;Premium
type LicenseTier string

// License tiers.
const (
	// TierStandard is for agents.
	TierStandard LicenseTier = "Standard"
	// TierPremium is for agents with every channel. A Supervisor needs it.
	TierPremium LicenseTier = "Premium"
)

// Licenses sets the number of seats of a contact center.
type Licenses struct {
	// standard is the number of Standard seats: 0 to 1000000. Defaults to 0.
	//
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=1000000
	// +kubebuilder:default=0
	// +optional
	Standard int32 `json:"standard"`

	// premium is the number of Premium seats: 0 to 1000000. Defaults to 0.
	//
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=1000000
	// +kubebuilder:default=0
	// +optional
	Premium int32 `json:"premium"`
}

// Seats returns the number of seats of a tier.
func (l Licenses) Seats(tier LicenseTier) int32 {
	if tier == TierPremium {
		return l.Premium
	}
	return l.Standard
}

// LicensesStatus counts the seats of a contact center.
type LicensesStatus struct {
	// standard counts the Standard seats.
	Standard SeatCounts `json:"standard"`
	// premium counts the Premium seats.
	Premium SeatCounts `json:"premium"`
}

// SeatCounts counts the seats of one tier.
type SeatCounts struct {
	// seats is the number of seats in spec.licenses.
	Seats int32 `json:"seats"`
	// used is the number of Members that hold a seat. It exceeds seats after
	// the number of seats was lowered, because no Member loses its seat.
	Used int32 `json:"used"`
	// waiting is the number of Members that ask for a seat and do not hold it.
	Waiting int32 `json:"waiting"`
}

// LicenseStatus is the seat that a Member holds or waits for.
type LicenseStatus struct {
	// tier is the tier of the seat that the Member holds. It is absent if the
	// Member holds none.
	//
	// +optional
	Tier LicenseTier `json:"tier,omitempty"`

	// requested is the tier that the Member waits for. It is absent if the
	// Member does not wait. While it waits for another tier, it keeps the seat
	// that it holds.
	//
	// +optional
	Requested LicenseTier `json:"requested,omitempty"`

	// source says where the request comes from: Member, or Template/ followed
	// by the name of a MemberTemplate.
	//
	// +optional
	Source AssignmentSource `json:"source,omitempty"`
}

// AssignmentSource says where a value of a Member comes from. Member is its own
// spec. Template/ is followed by the name of a MemberTemplate. Default is
// spec.defaults of the ContactCenter, or what follows from the role and the
// license.
//
// +kubebuilder:validation:MaxLength=72
// +kubebuilder:validation:Pattern=`^(Member|Default|Template/.+)$`
type AssignmentSource string

const (
	// SourceMember is the Member's own spec.
	SourceMember AssignmentSource = "Member"
	// SourceDefault is spec.defaults of the ContactCenter, or what follows from
	// the role and the license.
	SourceDefault AssignmentSource = "Default"
	// templateSourcePrefix precedes the name of a MemberTemplate.
	templateSourcePrefix = "Template/"
)

// SourceTemplate returns the source for the MemberTemplate with the given name.
func SourceTemplate(name string) AssignmentSource {
	return AssignmentSource(templateSourcePrefix + name)
}

// Assignment is a value that applies to a Member, and where it comes from.
type Assignment struct {
	// name is the name of the object, or the role.
	//
	// +kubebuilder:validation:MaxLength=63
	Name string `json:"name"`

	// source says where the value comes from: Member, Template/ followed by a
	// name, or Default.
	Source AssignmentSource `json:"source"`
}
