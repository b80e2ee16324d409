package dataset

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// maxPointer is how long a JSON pointer may be.
const maxPointer = 2000

// document reads a JSON text token by token, of which none may be larger than an
// item.
type document struct {
	*json.Decoder
	window *bounded
}

// JSON reads a JSON text that is an array of items, or an object whose members
// they are; or finds such an array or object by a JSON pointer (RFC 6901).
func JSON(r io.Reader, pointer string, each Each) error {
	b, err := buffered(r)
	if err != nil {
		return err
	}
	window := &bounded{r: b, over: ErrItemTooLarge}
	d := document{Decoder: json.NewDecoder(window), window: window}
	steps, err := Pointer(pointer)
	if err != nil {
		return err
	}
	for i, step := range steps {
		found, err := d.descend(step)
		if err != nil {
			return d.wrong(err)
		}
		if !found {
			return fmt.Errorf("the data set has no %s", "/"+strings.Join(steps[:i+1], "/"))
		}
	}
	open, err := d.token()
	if err != nil {
		return d.wrong(err)
	}
	if open != json.Delim('[') && open != json.Delim('{') {
		return ErrNotItems
	}
	for n := 0; d.More(); n++ {
		item := Item{Member: open == json.Delim('{')}
		if item.Member {
			key, err := d.token()
			if err != nil {
				return d.wrong(err)
			}
			item.Key, _ = key.(string) // a member's name is a string
		}
		d.next()
		if err := d.Decode((*json.RawMessage)(&item.Value)); err != nil {
			return fmt.Errorf("item %d: %w", n, d.wrong(err))
		}
		if len(item.Value) > MaxItem {
			return fmt.Errorf("item %d: %w", n, ErrItemTooLarge)
		}
		if err := each(item); err != nil {
			return err
		}
	}
	switch end, err := d.token(); {
	case err != nil:
		return d.wrong(err)
	case end != json.Delim(']') && end != json.Delim('}'):
		return ErrItemTooLarge // more space than an item may have stands before it
	}
	if len(steps) > 0 {
		return nil
	}
	if _, err := d.token(); !errors.Is(err, io.EOF) {
		return errors.New("the data set goes on after its end")
	}
	return nil
}

// next allows for another token or item.
func (d document) next() {
	// The decoder has read ahead of what it has given.
	d.window.left = MaxItem + chunk
}

func (d document) token() (json.Token, error) {
	d.next()
	return d.Token() //nolint:wrapcheck // wrong says what it is about
}

// wrong says of an end within the text what it is.
func (d document) wrong(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("the data set is no whole JSON text: it ends at byte %d", d.InputOffset())
	}
	return fmt.Errorf("the data set is no JSON text: at byte %d: %w", d.InputOffset(), err)
}

// descend goes to a member or an element of what comes next.
func (d document) descend(step string) (bool, error) {
	open, err := d.token()
	if err != nil {
		return false, err
	}
	switch open {
	case json.Delim('{'):
		for d.More() {
			key, err := d.token()
			if err != nil || key == step {
				return err == nil, err
			}
			if err := d.skip(); err != nil {
				return false, err
			}
		}
	case json.Delim('['):
		index, err := strconv.ParseUint(step, 10, 63)
		if err != nil || len(step) > 1 && step[0] == '0' {
			return false, nil //nolint:nilerr // an array has no such element
		}
		for ; d.More(); index-- {
			if index == 0 {
				return true, nil
			}
			if err := d.skip(); err != nil {
				return false, err
			}
		}
	}
	return false, nil
}

// skip passes over a value without keeping it.
func (d document) skip() error {
	for depth := 0; ; {
		token, err := d.token()
		if err != nil {
			return err
		}
		switch token {
		case json.Delim('['), json.Delim('{'):
			depth++
		case json.Delim(']'), json.Delim('}'):
			depth--
		}
		if depth == 0 {
			return nil
		}
	}
}

// Pointer takes a JSON pointer apart; "" is the whole text.
func Pointer(pointer string) ([]string, error) {
	if pointer == "" {
		return nil, nil
	}
	if len(pointer) > maxPointer || pointer[0] != '/' {
		return nil, fmt.Errorf("a JSON pointer begins with '/' and has at most %d characters: %.100q", maxPointer, pointer)
	}
	steps := strings.Split(pointer[1:], "/")
	for i, step := range steps {
		plain := strings.NewReplacer("~0", "", "~1", "").Replace(step)
		if strings.Contains(plain, "~") {
			return nil, fmt.Errorf("'~' stands in a JSON pointer only as ~0 or ~1: %.100q", pointer)
		}
		steps[i] = strings.NewReplacer("~0", "~", "~1", "/").Replace(step)
	}
	return steps, nil
}
