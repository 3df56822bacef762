package roster

import "bufio"

// boundedReader reads a bounded number of bytes until its budget is reset. It fails if
// the source has more.
type boundedReader struct {
	source *bufio.Reader
	budget int
	// exceeded is the error for a source that has more bytes than the budget.
	exceeded error
}

// Read implements io.Reader.
func (b *boundedReader) Read(into []byte) (int, error) {
	if b.budget == 0 {
		if _, err := b.source.Peek(1); err != nil {
			return 0, err //nolint:wrapcheck // io.EOF must stay unwrapped.
		}
		return 0, b.exceeded
	}
	count, err := b.source.Read(into[:min(len(into), b.budget)])
	b.budget -= count
	return count, err //nolint:wrapcheck // io.EOF must stay unwrapped.
}

// ReadByte implements io.ByteReader, the only method that an XML decoder calls.
func (b *boundedReader) ReadByte() (byte, error) {
	if b.budget == 0 {
		return 0, b.exceeded
	}
	b.budget--
	return b.source.ReadByte() //nolint:wrapcheck // io.EOF must stay unwrapped.
}
