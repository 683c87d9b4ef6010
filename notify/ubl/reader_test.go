package ubl_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
)

// node is an element as any reader of XML sees it. The tests read documents by
// the names of UBL, not with the structs that wrote them.
type node struct {
	name     string // without its namespace
	space    string
	attr     map[string]string
	text     string
	children []*node
}

func parse(t testing.TB, document []byte) *node {
	t.Helper()
	decoder := xml.NewDecoder(bytes.NewReader(document))
	root := &node{}
	open := []*node{root}
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return root.children[0]
		}
		if err != nil {
			t.Fatalf("not well-formed: %v\n%s", err, document)
		}
		top := open[len(open)-1]
		switch x := token.(type) {
		case xml.StartElement:
			n := &node{name: x.Name.Local, space: x.Name.Space, attr: map[string]string{}}
			for _, a := range x.Attr {
				n.attr[a.Name.Local] = a.Value
			}
			top.children = append(top.children, n)
			open = append(open, n)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			top.text += string(x)
		}
	}
}

// all are the elements at a path like TaxTotal/TaxSubtotal. Line and Quantity
// stand for the names of either kind of document.
func (n *node) all(path string) []*node {
	name, rest, deeper := strings.Cut(path, "/")
	var found []*node
	for _, c := range n.children {
		switch {
		case c.name != name && !(name == "Line" && (c.name == "InvoiceLine" || c.name == "CreditNoteLine")) &&
			!(name == "Quantity" && (c.name == "InvoicedQuantity" || c.name == "CreditedQuantity")):
		case deeper:
			found = append(found, c.all(rest)...)
		default:
			found = append(found, c)
		}
	}
	return found
}

// at is the text at a path, empty if there is none.
func (n *node) at(path string) string {
	if found := n.all(path); len(found) > 0 {
		return found[0].text
	}
	return ""
}

// number is the amount at a path. It must be one.
func (n *node) number(path string) decimal.Decimal { return decimal.RequireFromString(n.at(path)) }

// sum adds the amounts at a path up.
func (n *node) sum(path string) decimal.Decimal {
	var total decimal.Decimal
	for _, x := range n.all(path) {
		total = total.Add(decimal.RequireFromString(x.text))
	}
	return total
}

// walk visits all elements.
func (n *node) walk(visit func(*node)) {
	visit(n)
	for _, c := range n.children {
		c.walk(visit)
	}
}
