package ubl

import (
	"encoding/xml"

	"github.com/licenseledger/licenseledger/domain"
)

// document is an Invoice or a CreditNote of UBL 2.1, as far as EN 16931 uses it
// here. Names are the standard's terms; the numbers beside them are its business
// terms (BT) and groups (BG). The schema wants the elements in this order, which
// is the same for both kinds. What may be missing below an element of its own is
// a pointer: else the outer element would be written, empty.
type document struct {
	XMLName             xml.Name
	Namespace           string `xml:"xmlns,attr"`
	AggregateComponents string `xml:"xmlns:cac,attr"`
	BasicComponents     string `xml:"xmlns:cbc,attr"`

	SpecificationIdentifier string            `xml:"cbc:CustomizationID"`                                         // BT-24
	BusinessProcessType     string            `xml:"cbc:ProfileID"`                                               // BT-23
	InvoiceNumber           string            `xml:"cbc:ID"`                                                      // BT-1
	IssueDate               string            `xml:"cbc:IssueDate"`                                               // BT-2
	PaymentDueDate          string            `xml:"cbc:DueDate,omitempty"`                                       // BT-9 of an Invoice
	InvoiceTypeCode         int               `xml:"cbc:InvoiceTypeCode,omitempty"`                               // BT-3 of an Invoice
	CreditNoteTypeCode      int               `xml:"cbc:CreditNoteTypeCode,omitempty"`                            // BT-3 of a CreditNote
	Note                    string            `xml:"cbc:Note"`                                                    // BT-22
	Currency                domain.Currency   `xml:"cbc:DocumentCurrencyCode"`                                    // BT-5
	BuyerReference          string            `xml:"cbc:BuyerReference"`                                          // BT-10
	InvoicingPeriod         period            `xml:"cac:InvoicePeriod"`                                           // BG-14
	PurchaseOrder           *string           `xml:"cac:OrderReference>cbc:ID,omitempty"`                         // BT-13
	PrecedingInvoice        *precedingInvoice `xml:"cac:BillingReference>cac:InvoiceDocumentReference,omitempty"` // BG-3
	ContractReference       string            `xml:"cac:ContractDocumentReference>cbc:ID"`                        // BT-12
	Seller                  party             `xml:"cac:AccountingSupplierParty>cac:Party"`                       // BG-4
	Buyer                   party             `xml:"cac:AccountingCustomerParty>cac:Party"`                       // BG-7
	PaymentInstructions     *payment          `xml:"cac:PaymentMeans,omitempty"`                                  // BG-16
	PaymentTerms            string            `xml:"cac:PaymentTerms>cbc:Note"`                                   // BT-20
	TotalVAT                amount            `xml:"cac:TaxTotal>cbc:TaxAmount"`                                  // BT-110
	VATBreakdown            []vatBreakdown    `xml:"cac:TaxTotal>cac:TaxSubtotal"`                                // BG-23
	SumOfLines              amount            `xml:"cac:LegalMonetaryTotal>cbc:LineExtensionAmount"`              // BT-106
	TotalWithoutVAT         amount            `xml:"cac:LegalMonetaryTotal>cbc:TaxExclusiveAmount"`               // BT-109
	TotalWithVAT            amount            `xml:"cac:LegalMonetaryTotal>cbc:TaxInclusiveAmount"`               // BT-112
	AmountDue               amount            `xml:"cac:LegalMonetaryTotal>cbc:PayableAmount"`                    // BT-115
	Lines                   []line            // BG-25
}

type amount struct {
	Currency domain.Currency `xml:"currencyID,attr"`
	Value    string          `xml:",chardata"`
}

// period has its first and its last day: BT-73 and BT-74, of a line BT-134 and BT-135.
type period struct {
	Start string `xml:"cbc:StartDate"`
	End   string `xml:"cbc:EndDate"`
}

type precedingInvoice struct {
	Number    string `xml:"cbc:ID"`        // BT-25
	IssueDate string `xml:"cbc:IssueDate"` // BT-26
}

// party is the seller or the buyer; the number of the seller's term comes first.
type party struct {
	ElectronicAddress *electronicAddress `xml:"cbc:EndpointID,omitempty"`                  // BT-34, BT-49
	Identifier        string             `xml:"cac:PartyIdentification>cbc:ID"`            // BT-29, BT-46
	Address           address            `xml:"cac:PostalAddress"`                         // BG-5, BG-8
	VATRegistration   *vatRegistration   `xml:"cac:PartyTaxScheme,omitempty"`              //
	Name              string             `xml:"cac:PartyLegalEntity>cbc:RegistrationName"` // BT-27, BT-44
	ContactEmail      *string            `xml:"cac:Contact>cbc:ElectronicMail,omitempty"`  // BT-43, BT-58
}

type electronicAddress struct {
	Scheme string `xml:"schemeID,attr"`
	Value  string `xml:",chardata"`
}

type address struct {
	Line1    string         `xml:"cbc:StreetName,omitempty"`           // BT-35, BT-50
	Line2    string         `xml:"cbc:AdditionalStreetName,omitempty"` // BT-36, BT-51
	City     string         `xml:"cbc:CityName,omitempty"`             // BT-37, BT-52
	PostCode string         `xml:"cbc:PostalZone,omitempty"`           // BT-38, BT-53
	Country  domain.Country `xml:"cac:Country>cbc:IdentificationCode"` // BT-40, BT-55
}

type vatRegistration struct {
	VATIdentifier string `xml:"cbc:CompanyID"` // BT-31, BT-48
	Tax           string `xml:"cac:TaxScheme>cbc:ID"`
}

type payment struct {
	MeansCode      int     `xml:"cbc:PaymentMeansCode"`                                                      // BT-81
	DueDate        string  `xml:"cbc:PaymentDueDate,omitempty"`                                              // BT-9 of a CreditNote
	RemittanceInfo string  `xml:"cbc:PaymentID"`                                                             // BT-83
	Account        string  `xml:"cac:PayeeFinancialAccount>cbc:ID"`                                          // BT-84
	Provider       *string `xml:"cac:PayeeFinancialAccount>cac:FinancialInstitutionBranch>cbc:ID,omitempty"` // BT-86
}

// vatBreakdown is the VAT of one category and rate.
type vatBreakdown struct {
	TaxableAmount amount      `xml:"cbc:TaxableAmount"` // BT-116
	TaxAmount     amount      `xml:"cbc:TaxAmount"`     // BT-117
	Category      vatCategory `xml:"cac:TaxCategory"`
}

// vatCategory is that of a breakdown, or of a line, which gives no reason.
type vatCategory struct {
	Code          domain.TaxCategory `xml:"cbc:ID"`                               // BT-118, BT-151
	Rate          string             `xml:"cbc:Percent,omitempty"`                // BT-119, BT-152
	ExemptionCode string             `xml:"cbc:TaxExemptionReasonCode,omitempty"` // BT-121
	Exemption     string             `xml:"cbc:TaxExemptionReason,omitempty"`     // BT-120
	Tax           string             `xml:"cac:TaxScheme>cbc:ID"`
}

type line struct {
	XMLName          xml.Name
	Identifier       int             `xml:"cbc:ID"`                                                  // BT-126
	Note             string          `xml:"cbc:Note,omitempty"`                                      // BT-127
	InvoicedQuantity *quantity       `xml:"cbc:InvoicedQuantity,omitempty"`                          // BT-129 of an Invoice
	CreditedQuantity *quantity       `xml:"cbc:CreditedQuantity,omitempty"`                          // BT-129 of a CreditNote
	NetAmount        amount          `xml:"cbc:LineExtensionAmount"`                                 // BT-131
	Period           period          `xml:"cac:InvoicePeriod"`                                       // BG-26
	Object           *invoicedObject `xml:"cac:DocumentReference,omitempty"`                         //
	Description      string          `xml:"cac:Item>cbc:Description,omitempty"`                      // BT-154
	ItemName         string          `xml:"cac:Item>cbc:Name"`                                       // BT-153
	SellersItem      *string         `xml:"cac:Item>cac:SellersItemIdentification>cbc:ID,omitempty"` // BT-155
	VAT              vatCategory     `xml:"cac:Item>cac:ClassifiedTaxCategory"`                      // BG-30
	Attributes       []itemAttribute `xml:"cac:Item>cac:AdditionalItemProperty"`                     // BG-32
	NetPrice         amount          `xml:"cac:Price>cbc:PriceAmount"`                               // BT-146
}

type quantity struct {
	Unit  string `xml:"unitCode,attr"` // BT-130
	Value int64  `xml:",chardata"`
}

// invoicedObject is what a line is for: its subscription.
type invoicedObject struct {
	Identifier string `xml:"cbc:ID"` // BT-128
	Type       int    `xml:"cbc:DocumentTypeCode"`
}

type itemAttribute struct {
	Name  string `xml:"cbc:Name"`  // BT-160
	Value string `xml:"cbc:Value"` // BT-161
}
