package notify

import (
	"fmt"
	"testing"

	"github.com/licenseledger/licenseledger/domain"
)

var subjectTable = []struct {
	event      string
	mail       domain.Mail
	en, de, tr string
}{
	{
		domain.MailAssigned, assigned(), "10 Professional licenses for Acme are active",
		"10 Lizenzen „Professional“ für Acme sind aktiv", "Acme için 10 Professional lisansı etkinleştirildi",
	},
	{
		domain.MailAssigned, oneStarter(), "1 Starter license for Acme is active",
		"1 Lizenz „Starter“ für Acme ist aktiv", "Acme için 1 Starter lisansı etkinleştirildi",
	},
	{
		domain.MailAssigned, assignedFromSeveralLots(), "1,211 Professional licenses for Acme are active",
		"1.211 Lizenzen „Professional“ für Acme sind aktiv", "Acme için 1.211 Professional lisansı etkinleştirildi",
	},
	{
		domain.MailAssigned, seatsAssigned(), "5 Professional seats for Acme are active",
		"5 Plätze „Professional“ für Acme sind aktiv", "Acme için 5 Professional kullanıcı hakkı etkinleştirildi",
	},
	{
		domain.MailSold, sold(1), "5 Professional licenses sold to Acme",
		"5 Lizenzen „Professional“ an Acme verkauft", "Acme hesabına 5 Professional lisansı satıldı",
	},
	{
		domain.MailSold, sold(2), "5 Professional and 2 Gateway licenses sold to Acme",
		"5 Lizenzen „Professional“ und 2 Lizenzen „Gateway“ an Acme verkauft", "Acme hesabına 5 Professional ve 2 Gateway lisansı satıldı",
	},
	{
		domain.MailSold, sold(3), "1,000,007 licenses of 3 products sold to Acme",
		"1.000.007 Lizenzen für 3 Produkte an Acme verkauft", "Acme hesabına 3 üründen toplam 1.000.007 lisans satıldı",
	},
	{
		domain.MailSold, soldByDeployment(1), "5 Professional licenses sold to Acme and deployed as Acme Cork",
		"5 Lizenzen „Professional“ an Acme verkauft und als „Acme Cork“ bereitgestellt",
		"Acme hesabına 5 Professional lisansı satıldı ve Acme Cork adıyla dağıtıldı",
	},
	{
		domain.MailPulled, pulled(1), "Northwind took 10 Professional licenses from Northwind Labs",
		"Northwind hat 10 Lizenzen „Professional“ von Northwind Labs übernommen",
		"Northwind, Northwind Labs hesabından 10 Professional lisansı devraldı",
	},
	{
		domain.MailLinked, linked(), "Northwind can now take licenses from Northwind Labs",
		"Northwind kann jetzt Lizenzen von Northwind Labs übernehmen", "Northwind artık Northwind Labs hesabından lisans devralabilir",
	},
	{
		domain.MailRequested, seatsRequested(), "1 Professional seat requested for Acme",
		"Bestellung für Acme: 1 Platz „Professional“", "Acme için sipariş: 1 Professional kullanıcı hakkı",
	},
	{
		domain.MailRequested, requested(), "25 Professional licenses requested for Acme",
		"Bestellung für Acme: 25 Lizenzen „Professional“", "Acme için sipariş: 25 Professional lisansı",
	},
	{
		domain.MailRejected, rejected(), "Order rejected: 2 Professional licenses for Acme",
		"Bestellung abgelehnt: 2 Lizenzen „Professional“ für Acme", "Sipariş reddedildi: Acme için 2 Professional lisansı",
	},
	{
		domain.MailSubscriptionEnded, ended(), "Subscription ended: 15 Professional seats for Acme",
		"Abonnement beendet: 15 Plätze „Professional“ für Acme", "Abonelik sona erdi: Acme için 15 Professional kullanıcı hakkı",
	},
	{
		domain.MailSubscriptionEnded, endedEmpty(), "Subscription ended: Professional for Acme",
		"Abonnement beendet: „Professional“ für Acme", "Abonelik sona erdi: Acme için Professional",
	},
	{
		domain.MailStockExpiring, stock("", 1200), "1,200 Professional licenses in stock expire after 29 November 2027",
		"1.200 Lizenzen „Professional“ im Bestand verfallen nach dem 29. November 2027",
		"Stoktaki 1.200 Professional lisansı, 29 Kasım 2027 tarihinden sonra geçersiz olacak",
	},
	{
		domain.MailStockExpired, stock("", 1), "1 Professional license in stock has expired",
		"1 Lizenz „Professional“ im Bestand ist verfallen", "Stoktaki 1 Professional lisansı geçerliliğini yitirdi",
	},
	{
		domain.MailLicenseExpiring, expiring("", 10), "10 Professional licenses of Acme expire after 29 November 2027",
		"10 Lizenzen „Professional“ von Acme laufen nach dem 29. November 2027 ab",
		"Acme hesabındaki 10 Professional lisansı, 29 Kasım 2027 tarihinden sonra geçersiz olacak",
	},
	{
		domain.MailLicenseExpired, expiring("", 1), "1 Professional license of Acme has expired",
		"1 Lizenz „Professional“ von Acme ist abgelaufen", "Acme hesabındaki 1 Professional lisansı geçerliliğini yitirdi",
	},
	{
		domain.MailSubscriptionRenewing, renewing(30), "Subscription renews on 30 November 2027: 30 Professional seats for Acme",
		"Abonnement verlängert sich am 30. November 2027: 30 Plätze „Professional“ für Acme",
		"Abonelik 30 Kasım 2027 tarihinde yenilenecek: Acme için 30 Professional kullanıcı hakkı",
	},
	{
		domain.MailSubscriptionRenewed, renewed(), "Subscription renewed: 30 Professional seats for Acme",
		"Abonnement verlängert: 30 Plätze „Professional“ für Acme", "Abonelik yenilendi: Acme için 30 Professional kullanıcı hakkı",
	},
	{
		domain.MailInvoiceIssued, issued(), "Invoice NW-000041 for November 2026: EUR 12,345.06, due on 31 December 2026",
		"Rechnung NW-000041 für November 2026: 12.345,06 EUR, zahlbar bis 31. Dezember 2026",
		"Kasım 2026 faturası NW-000041: 12.345,06 EUR, son ödeme tarihi 31 Aralık 2026",
	},
	{
		domain.MailInvoiceIssued, freeInvoice(), "Invoice NW-000041 for November 2026: EUR 0.00",
		"Rechnung NW-000041 für November 2026: 0,00 EUR", "Kasım 2026 faturası NW-000041: 0,00 EUR",
	},
	{
		domain.MailInvoiceIssued, credited(), "Credit note NW-000042 for November 2026: EUR 1,190.00",
		"Gutschrift NW-000042 für November 2026: 1.190,00 EUR", "Kasım 2026 alacak dekontu NW-000042: 1.190,00 EUR",
	},
	{
		domain.MailMonthClosed, closed(), "November 2026 for Contoso Licensing Ltd: 2 invoices",
		"November 2026 für Contoso Licensing Ltd: 2 Rechnungen", "Contoso Licensing Ltd, Kasım 2026: 2 fatura",
	},
	{
		domain.MailMonthClosed, closedWithAttention(), "November 2026 for Contoso Licensing Ltd: 2 invoices and 1 credit note, 2 things need attention",
		"November 2026 für Contoso Licensing Ltd: 2 Rechnungen und 1 Gutschrift, 2 Punkte sind zu klären",
		"Contoso Licensing Ltd, Kasım 2026: 2 fatura ve 1 alacak dekontu, 2 konu incelenmeli",
	},
	{
		domain.MailMonthClosed, closedWithoutInvoices(), "November 2026 for Contoso Licensing Ltd: no invoices, 1 thing needs attention",
		"November 2026 für Contoso Licensing Ltd: keine Rechnungen, 1 Punkt ist zu klären",
		"Contoso Licensing Ltd, Kasım 2026: fatura yok, 1 konu incelenmeli",
	},
}

func oneStarter() domain.Mail {
	m := assigned()
	m.Params.Licenses = []domain.MailLicense{{Product: "Starter", Quantity: 1}}
	return m
}

func TestSubjects(t *testing.T) {
	for _, c := range subjectTable {
		for locale, want := range map[domain.Locale]string{"en": c.en, "en-GB": c.en, "tlh": c.en, "": c.en, "de": c.de, "de-AT": c.de, "tr": c.tr, "tr-TR": c.tr} {
			if got, err := Subject(c.event, locale, c.mail.Params); err != nil || got != want {
				t.Errorf("subject in %q: %q, %v; want %q", locale, got, err, want)
			}
		}
	}
	if _, err := Subject("license.eaten", "en", assigned().Params); err == nil {
		t.Error("an event without words has a subject")
	}
}

// Sentences agree with the number they are about, also where a whole sentence
// turns on it.
func TestPlurals(t *testing.T) {
	for _, c := range []struct {
		event string
		mail  func(n int64) domain.Mail
		says  map[string][3]string // for 1, 2 and 1000
	}{
		{domain.MailLicenseExpired, func(n int64) domain.Mail { return expiring(domain.MailLicenseExpired, n) }, map[string][3]string{
			"en": {"The license can no longer be used, and its", "The licenses can no longer be used, and their", "1,000 Professional licenses of Acme have expired."},
			"de": {"Die Lizenz kann nicht mehr", "Die Lizenzen können nicht mehr", "1.000 Lizenzen „Professional“ von Acme sind abgelaufen."},
			"tr": {"Lisans artık kullanılamaz", "Lisanslar artık kullanılamaz", "Acme hesabındaki 1.000 Professional lisansı geçerliliğini yitirdi."},
		}},
		{domain.MailSubscriptionRenewed, func(n int64) domain.Mail {
			m := renewed()
			m.Params.Seats = annual(n, n)
			return m
		}, map[string][3]string{
			"en": {"the seat stays in use", "the seats stay in use", "1,000 Professional seats"},
			"de": {"Der Platz bleibt nutzbar", "Die Plätze bleiben nutzbar", "1.000 Plätze „Professional“"},
			"tr": {"1 Professional kullanıcı hakkı", "2 Professional kullanıcı hakkı", "1.000 Professional kullanıcı hakkı"},
		}},
		{domain.MailMonthClosed, func(n int64) domain.Mail {
			return closedAs(domain.MailMonth{Issued: n, Credited: n, AttentionCount: n})
		}, map[string][3]string{
			"en": {"1 invoice and 1 credit note for November 2026. 1 thing needs attention.", "2 invoices and 2 credit notes", "1,000 things need attention."},
			"de": {"1 Rechnung und 1 Gutschrift für November 2026 ausgestellt. 1 Punkt ist zu klären.", "2 Rechnungen und 2 Gutschriften", "1.000 Punkte sind zu klären."},
			"tr": {"1 fatura ve 1 alacak dekontu. 1 konu incelenmeli.", "2 fatura ve 2 alacak dekontu", "1.000 konu incelenmeli."},
		}},
	} {
		for tag, says := range c.says {
			for i, n := range []int64{1, 2, 1000} {
				t.Run(fmt.Sprintf("%s/%s/%d", c.event, tag, n), func(t *testing.T) {
					rendered, err := Render(in(languages[tag], c.mail(n)))
					if err != nil {
						t.Fatal(err)
					}
					contains(t, flat(rendered.Text), says[i])
					contains(t, flat(rendered.HTML), says[i])
				})
			}
		}
	}
}
