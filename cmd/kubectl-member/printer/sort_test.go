package printer

import (
	"slices"
	"testing"
)

func TestNumbersInATextSortAsNumbers(t *testing.T) {
	t.Parallel()
	want := []string{"", "-3", "2", "007", "10", "a", "A1", "a2", "A10", "a10b", "b"}
	for i, text := range want {
		for _, later := range want[i+1:] {
			if natural(text) > natural(later) {
				t.Errorf("%q comes after %q", text, later)
			}
		}
	}
	if !slices.IsSorted([]string{youngestFirst(20), youngestFirst(10), youngestFirst(0)}) {
		t.Error("the youngest does not come first")
	}
}

func TestPackedTextsAreUnpackedUnchanged(t *testing.T) {
	t.Parallel()
	p, texts := &packer{}, []string{`{"name":"ana","role":"DeskStaff"}`, `{"name":"bo","role":"DeskStaff"}`, "", "安"}
	var packed []string
	for _, text := range texts {
		small, err := p.pack(text)
		if err != nil {
			t.Fatal(err)
		}
		packed = append(packed, small)
	}
	for i := range slices.Backward(texts) {
		if got, err := p.unpack(packed[i]); err != nil || got != texts[i] {
			t.Errorf("got %q, %v, and not %q", got, err, texts[i])
		}
	}
}
