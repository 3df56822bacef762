package roster

import "testing"

// TestServiceCellsDetermineTheLicense covers every pair of cells with every held license
// in each mode.
func TestServiceCellsDetermineTheLicense(t *testing.T) {
	t.Parallel()
	const (
		standard = LicenseStandard
		premium  = LicensePremium
		none     = LicenseNone
	)
	held := [4]string{"", none, standard, premium}
	cells := map[string]*bool{"": nil, "TRUE": new(true), "FALSE": new(false)}
	cases := []struct {
		standard, premium string
		// add and addRemove are indexed by the held license: empty, None, Standard, Premium.
		add, addRemove [4]string
	}{
		{"", "", held, held},
		{"", "FALSE", held, [4]string{"", none, standard, none}},
		{"FALSE", "", held, [4]string{"", none, none, premium}},
		{"FALSE", "FALSE", held, [4]string{none, none, none, none}},
		{"TRUE", "", [4]string{standard, standard, standard, premium}, [4]string{standard, standard, standard, premium}},
		{"TRUE", "FALSE", [4]string{standard, standard, standard, premium}, [4]string{standard, standard, standard, standard}},
		{"", "TRUE", [4]string{premium, premium, premium, premium}, [4]string{premium, premium, premium, premium}},
		{"FALSE", "TRUE", [4]string{premium, premium, premium, premium}, [4]string{premium, premium, premium, premium}},
		{"TRUE", "TRUE", [4]string{premium, premium, premium, premium}, [4]string{premium, premium, premium, premium}},
	}
	if len(cases) != len(cells)*len(cells) {
		t.Fatalf("%d cases", len(cases))
	}
	for _, c := range cases {
		services := Services{Standard: cells[c.standard], Premium: cells[c.premium]}
		for mode, want := range map[ServicesMode][4]string{AddServices: c.add, AddRemoveServices: c.addRemove} {
			for index, before := range held {
				if got := services.License(mode, before); got != want[index] {
					t.Errorf("Standard %q, Premium %q, %s, held %q: got %q, want %q", c.standard, c.premium, mode, before, got, want[index])
				}
			}
		}
	}
}

func TestServicesOfALicenseResultInThatLicense(t *testing.T) {
	t.Parallel()
	for _, held := range []string{"", LicenseNone, LicenseStandard, LicensePremium} {
		for _, license := range []string{LicenseNone, LicenseStandard, LicensePremium} {
			if got := ServicesOf(license).License(AddRemoveServices, held); got != license {
				t.Errorf("%q became %q where %q was held", license, got, held)
			}
		}
		if got := ServicesOf("").License(AddRemoveServices, held); got != held {
			t.Errorf("nothing became %q where %q was held", got, held)
		}
	}
}
