package invoice

import "golang.org/x/text/language/display"

var turkish = words{ //nolint:gosec // a credit note is no credential
	tag:     "tr",
	invoice: "Fatura", creditNote: "Alacak dekontu", draft: "Taslak",
	billTo: "Alıcı", vatNumber: "KDV numarası",
	number: "Numara", issuedOn: "Düzenleme tarihi", dueOn: "Son ödeme tarihi", period: "Dönem", contract: "Sözleşme",
	currency: "Para birimi", terms: "Ödeme vadesi", dueAtOnce: "hemen ödenir",
	description: "Açıklama", quantity: "Miktar", unitPrice: "Birim fiyat", net: "Net",
	subtotal: "Ara toplam", continued: "devam",
	flexible: "Kullanıcı hakkı, esnek plan", annualMonthly: "Kullanıcı hakkı, yıllık plan, aylık ödeme", annualYearly: "Kullanıcı hakkı, yıllık plan, yıllık ödeme",
	licenses:       "Lisans",
	bought:         func(on string) string { return "Lisans, satın alma: " + on },
	boughtForStock: func(on string) string { return "Stok için lisans, satın alma: " + on },
	renewed:        func(on string) string { return "Lisans, yenileme: " + on },
	adjustment:     func(month string) string { return month + " düzeltmesi" },
	purchaseOrder:  "Sipariş numarası",
	prorated: func(quantity, price, days, of string) string {
		return quantity + " × " + price + " × " + days + " ÷ " + of + " gün"
	},
	startOfDay: "Günlerin sayımı: Bir kullanıcı hakkı, başında var olduğu her gün için ücretlendirilir. Eklendiği gün ücretsizdir, çıkarıldığı gün ücretlidir.",
	endOfDay:   "Günlerin sayımı: Bir kullanıcı hakkı, sonunda var olduğu her gün için ücretlendirilir. Eklendiği gün ücretlidir, çıkarıldığı gün ücretsizdir.",
	partOfTerm: "Bir dönemin yalnızca bir bölümünü kapsayan kalemler, satın alındıkları günden dönemin son gününe kadar, her iki gün dahil ücretlendirilir.",
	vat:        "KDV", vatBase: "matrah", vatTotal: "Toplam KDV",
	reverseCharge: "Tersine vergilendirme (reverse charge): KDV, alıcı tarafından ödenir (2006/112/AT sayılı Direktif, madde 196).",
	export:        "Avrupa Birliği dışına ihracat: KDV uygulanmaz.",
	notSubject:    "KDV'ye tabi değildir.",
	total:         "Toplam", totalDue: "Ödenecek tutar", totalCredited: "Alacak tutarı",
	payment: "Ödeme", reference: "Ödeme açıklaması", iban: "IBAN", bic: "BIC",
	pay: func(amount, by string) string {
		return "Lütfen " + amount + " tutarını en geç " + by + " tarihine kadar, ödeme açıklamasını belirterek havale ediniz."
	},
	nothingToPay: "Ödenecek bir tutar yoktur.",
	credited:     "Ödenecek bir tutar yoktur: toplam, hesabınıza alacak kaydedilir.",
	refersTo: func(number, on string) string {
		return "Bu alacak dekontu, " + on + " tarihli " + number + " numaralı faturaya ilişkindir."
	},
	page:    func(n, of string) string { return "Sayfa " + n + " / " + of },
	days:    func(n string) string { return n + " gün" }, // a counted noun has no plural
	country: regions(display.Turkish),
	months: [12]string{
		"Ocak", "Şubat", "Mart", "Nisan", "Mayıs", "Haziran", "Temmuz", "Ağustos", "Eylül", "Ekim", "Kasım", "Aralık",
	},
	day:       func(n string) string { return n },
	until:     " – ",
	thousands: ".", point: ",",
	money:   func(currency, amount string) string { return amount + nbsp + currency },
	percent: func(rate string) string { return "%" + rate },
}
