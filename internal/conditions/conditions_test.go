package conditions

import "testing"

func TestAnErrorBecomesASentence(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"mail server a.example.com:25: no answer": "Mail server a.example.com:25: no answer.",
		"550 unknown user.":                       "550 unknown user.",
		"état inconnu":                            "État inconnu.",
	} {
		if got := Sentence(text); got != want {
			t.Errorf("Sentence(%q) = %q, want %q", text, got, want)
		}
	}
}
