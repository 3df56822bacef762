package operator

import (
	"sync"

	"rollcall.dev/rollcall/test/smtptest"
)

// mailCounts says how many messages the mail server accepted.
type mailCounts struct {
	Letters    int `json:"letters"`
	Recipients int `json:"recipients"`
	// Again is how many messages went to a member who had one already.
	Again int `json:"again"`
}

// mailLog counts the messages that the mail server accepted.
type mailLog struct {
	mu      sync.Mutex
	letters map[string]int
	// order has each recipient once, by the first message.
	order []string
	total int
}

// take takes a message.
func (b *mailLog) take(m smtptest.Message) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, to := range m.To {
		if b.letters[to] == 0 {
			b.order = append(b.order, to)
		}
		b.letters[to]++
		b.total++
	}
}

// counts are the messages so far.
func (b *mailLog) counts() mailCounts {
	b.mu.Lock()
	defer b.mu.Unlock()
	return mailCounts{Letters: b.total, Recipients: len(b.order), Again: b.total - len(b.order)}
}

// latest are those who got their first message last.
func (b *mailLog) latest(count int) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string{}, b.order[max(0, len(b.order)-count):]...)
}

// Letters is how many messages the mail server accepted so far.
func (w *Bench) Letters() int { return w.letters.counts().Letters }
