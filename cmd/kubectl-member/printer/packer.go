package printer

import (
	"bytes"
	"compress/flate"
	"io"
)

// packer compresses similar texts with DEFLATE (RFC 1951), with the first text as the dictionary.
// Manifests of members shrink to a tenth.
type packer struct {
	dictionary []byte
	to         *flate.Writer
	from       io.ReadCloser
	buffer     bytes.Buffer
}

func (p *packer) pack(text string) (string, error) {
	if p.to == nil {
		p.dictionary = []byte(text)
		// Only slower levels support a dictionary.
		to, err := flate.NewWriterDict(&p.buffer, flate.DefaultCompression, p.dictionary)
		if err != nil {
			return "", err
		}
		p.to = to
	}
	p.buffer.Reset()
	p.to.Reset(&p.buffer)
	if _, err := io.WriteString(p.to, text); err != nil {
		return "", err
	}
	err := p.to.Close()
	return p.buffer.String(), err
}

func (p *packer) unpack(packed string) (string, error) {
	source := bytes.NewReader([]byte(packed))
	if p.from == nil {
		p.from = flate.NewReaderDict(source, p.dictionary)
	} else if err := p.from.(flate.Resetter).Reset(source, p.dictionary); err != nil { //nolint:errcheck,forcetypeassert // as flate.NewReaderDict promises
		return "", err
	}
	text, err := io.ReadAll(p.from)
	return string(text), err
}
