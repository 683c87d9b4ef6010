package ubl_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/invoices"
)

// howToValidate is for whoever sees that the official checks were skipped.
const howToValidate = `the official checks were skipped. To run them, give in the environment
  UBL_XSD       the folder xsd of UBL 2.1 (docs.oasis-open.org/ubl/os-UBL-2.1), with maindoc/UBL-Invoice-2.1.xsd
  EN16931_XSLT  EN16931-UBL-validation.xslt (github.com/ConnectingEurope/eInvoicing-EN16931, ubl/xslt)
  PEPPOL_XSLT   optional: PEPPOL-EN16931-UBL.sch (github.com/OpenPEPPOL/peppol-bis-invoice-3, rules/sch),
                compiled with SchXslt (github.com/schxslt/schxslt, xslt/2.0/pipeline-for-svrl.xsl)
  SAXON_JAR     optional: Saxon-HE.jar, if not in /usr/share/java (apt-get install libsaxonhe-java default-jre-headless)`

// documents writes many kinds of invoices into a folder, each with the schema's
// name of its kind before its own.
func documents(t *testing.T, random int) (folder string, files map[string][]string) {
	t.Helper()
	all := map[string]*domain.Invoice{"sample": invoices.Sample(), "long": invoices.Long(), "credit": invoices.CreditNote()}
	for name, i := range odd() {
		all[strings.ReplaceAll(name, " ", "-")] = i
	}
	drawn := rapid.Custom(invoices.Generate)
	for n := range random {
		all[fmt.Sprintf("random-%04d", n)] = drawn.Example(n)
	}
	kinds := map[string]int{}
	folder, files = t.TempDir(), map[string][]string{}
	for name, i := range all {
		kind := "Invoice"
		if i.Type == domain.TypeCreditNote {
			kind = "CreditNote"
		}
		path := filepath.Join(folder, kind+"-"+name+".xml")
		if err := os.WriteFile(path, []byte(written(t, i)), 0o600); err != nil {
			t.Fatal(err)
		}
		files[kind] = append(files[kind], path)
		kinds[kind]++
		kinds[string(i.Currency)]++
		kinds["lines"] += len(i.Lines)
		var categories []string
		for _, v := range i.VAT {
			categories = append(categories, string(v.Category))
		}
		kinds["taxed "+strings.Join(categories, "+")]++
	}
	t.Logf("%d documents: %v", len(all), kinds)
	return folder, files
}

func run(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		t.Errorf("%s: %v\n%.4000s", name, err, out)
	}
}

func TestXMLIsWellFormed(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("xmllint"); err != nil {
		t.Fatal("xmllint is missing; make setup installs it")
	}
	_, files := documents(t, 40)
	for _, paths := range files {
		run(t, "xmllint", append([]string{"--noout", "--nonet"}, paths...)...)
	}
}

func TestOfficialChecks(t *testing.T) {
	t.Parallel()
	xsd, en16931, peppol := os.Getenv("UBL_XSD"), os.Getenv("EN16931_XSLT"), os.Getenv("PEPPOL_XSLT")
	if xsd == "" || en16931 == "" {
		fmt.Fprintln(os.Stderr, "notify/ubl:", howToValidate)
		t.Skip(howToValidate)
	}
	folder, files := documents(t, 300)
	for kind, paths := range files {
		schema := filepath.Join(xsd, "maindoc", "UBL-"+kind+"-2.1.xsd")
		run(t, "xmllint", append([]string{"--noout", "--nonet", "--schema", schema}, paths...)...)
	}
	// One that must be found, so that a check which checks nothing is noticed.
	wrong := strings.Replace(written(t, invoices.Sample()), "PayableAmount currencyID=\"EUR\">", "PayableAmount currencyID=\"USD\">1", 1)
	if err := os.WriteFile(filepath.Join(folder, "wrong.xml"), []byte(wrong), 0o600); err != nil {
		t.Fatal(err)
	}
	schematron(t, en16931, folder, "BR-CO-16", nil)
	if peppol != "" {
		schematron(t, peppol, folder, "PEPPOL-EN16931-R051", missingInPeppol)
	}
}

// missingInPeppol are the rules for which the ledger does not know enough: the
// parties' addresses in the network (mail addresses are none), and what single
// countries want of their own sellers, say a telephone number.
var missingInPeppol = regexp.MustCompile(`^(PEPPOL-EN16931-CL008|[A-Z]{2}-R-[0-9-]+)$`)

// schematron runs all rules over all documents and wants no finding, but the
// one that was put in.
func schematron(t *testing.T, xslt, folder, planted string, allowed *regexp.Regexp) {
	t.Helper()
	jar := os.Getenv("SAXON_JAR")
	if jar == "" {
		jar = "/usr/share/java/Saxon-HE.jar"
	}
	reports := t.TempDir()
	run(t, "java", "-cp", jar, "net.sf.saxon.Transform", "-s:"+folder, "-xsl:"+xslt, "-o:"+reports)
	documents, err := filepath.Glob(filepath.Join(folder, "*.xml"))
	if err != nil {
		t.Fatal(err)
	}
	tolerated := map[string]int{}
	for _, path := range documents {
		name := filepath.Base(path)
		text, err := os.ReadFile(filepath.Join(reports, name))
		if err != nil {
			t.Fatal(err)
		}
		report := parse(t, text)
		if len(report.all("fired-rule")) == 0 {
			t.Errorf("%s: no rule of %s was tried", name, xslt)
		}
		var found []string
		for _, f := range report.all("failed-assert") {
			switch id := f.attr["id"]; {
			case allowed != nil && allowed.MatchString(id):
				tolerated[id]++
			case name == "wrong.xml":
				found = append(found, id)
			default:
				t.Errorf("%s: %s at %s: %s", name, id, f.attr["location"], f.at("text"))
			}
		}
		if name == "wrong.xml" && !slices.Contains(found, planted) {
			t.Errorf("what was made wrong was not found, only %v", found)
		}
	}
	t.Logf("%s: %d documents without a finding; for want of knowledge: %v", filepath.Base(xslt), len(documents)-1, tolerated)
}
