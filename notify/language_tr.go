package notify

import "github.com/licenseledger/licenseledger/domain"

// Readers are addressed as siz. Names, dates and numbers get no suffixes, whose
// vowels would depend on how they are read: a word after them carries the case
// ("{account} hesabından", "{last_day} tarihinde"). Nouns after a number stay
// singular.
var turkish = language{
	tag:   "tr",
	forms: oneOrMore,

	thousands: ".",
	decimal:   ",",
	months: [12]string{
		"Ocak", "Şubat", "Mart", "Nisan", "Mayıs", "Haziran", "Temmuz", "Ağustos", "Eylül", "Ekim", "Kasım", "Aralık",
	},
	date:  "{day} {month} {year}",
	month: "{month} {year}",
	money: "{amount} {currency}",

	greeting:  "Sayın {name}," + or + "Sayın Yetkili,",
	automatic: "LicenseLedger tarafından otomatik olarak gönderilmiştir.",
	attached:  "Belgeyi ekte PDF, XML biçiminde elektronik fatura (EN 16931) ve tüm kalemleri içeren CSV dosyası olarak bulabilirsiniz.",
	more:      "ve {count} tane daha",

	what: whatWords{
		item:     "{quantity} {product}",
		and:      " ve ",
		licenses: "{items} lisansı",
		many:     "{products} üründen toplam {quantity} lisans",
		seats:    "{quantity} {product} kullanıcı hakkı",
	},
	closing: closingWords{
		invoices: "{count} fatura",
		credits:  "{count} alacak dekontu",
		and:      " ve ",
		none:     "fatura yok",

		attention:   "{count} konu incelenmeli",
		missingRate: "Sözleşme {contract}: {country} ülkesinin {on} tarihinde geçerli KDV oranı kayıtlı değil; fatura, oran kaydedildiğinde düzenlenecek",
		failed:      "Sözleşme {contract}: fatura hesaplanamadı; LicenseLedger işletmecisinin incelemesi gerekiyor",
		ended:       "Sözleşme {contract}: {subscription} aboneliği yenilenmek yerine sona erdi",
		unnamed:     "Sözleşme {contract}: incelenmesi gereken bir konu var",
	},
	plans: map[domain.Plan]string{
		domain.Flexible:      "esnek",
		domain.AnnualMonthly: "yıllık, aylık ödeme",
		domain.AnnualYearly:  "yıllık, yılda bir ödeme",
	},
	labels: labels{
		customer: "Müşteri", owner: "Sahibi", reseller: "Bayi", product: "Ürün", quantity: "Adet", activeFrom: "Başlangıç",
		lastDay: "Son geçerli gün", license: "Lisans", lot: "Parti", stockOf: "Stok sahibi", boughtOn: "Satın alma tarihi",
		order: "Sipariş", purchaseOrder: "Müşteri sipariş no", note: "Not", why: "Gerekçe", requestedBy: "Sipariş eden", rejectedBy: "Reddeden",
		soldBy: "Satan bayi", deployment: "Dağıtım",
		takenFrom: "Devreden", nowWith: "Devralan", takenBy: "İşlemi yapan", takes: "Devralan", gives: "Devreden", linkedBy: "Bağlantıyı kuran",
		subscription: "Abonelik", plan: "Plan", seats: "Kullanıcı hakkı", newSeats: "Yeni kullanıcı hakkı", seatsNow: "Şu anki kullanıcı hakkı", seatsThen: "Yeni dönemde kullanıcı hakkı",
		seatsAsked: "İstenen kullanıcı hakkı", seatsUntilNow: "Önceki kullanıcı hakkı", termEnds: "Dönemin son günü", renewsOn: "Yenileme tarihi",
		from: "Düzenleyen", to: "Alıcı", seller: "Satıcı", contract: "Sözleşme", month: "Dönem", invoice: "Fatura", creditNote: "Alacak dekontu",
		net: "Net tutar", vat: "KDV", total: "Toplam", netCredited: "Net tutar", vatCredited: "KDV", totalCredited: "Alacak tutarı",
		issuedOn: "Düzenleme tarihi", dueOn: "Son ödeme tarihi", invoices: "Faturalar", attention: "İncelenmesi gerekenler", totalIn: "Toplam ({currency})",
	},
	rows: rowWords{
		license: "{quantity} adet {product}", activeFrom: "başlangıç {date}", lastDay: "son geçerli gün {date}", licenseID: "lisans {license}",
		whose: "{reseller}, sözleşme {contract}",
		net:   "net {net}, KDV {vat}",
		sum:   "{total} (net {net}, KDV {vat})",
		invoice: "Fatura {number}, {reseller}, sözleşme {contract}: {total} (net {net}, KDV {vat}), son ödeme tarihi {due}" + or +
			"Fatura {number}, {reseller}, sözleşme {contract}: {total} (net {net}, KDV {vat}), ödenecek tutar yok",
		credit:     "Alacak dekontu {number}, {reseller}, sözleşme {contract}: {total} (net {net}, KDV {vat})",
		creditNote: "alacak dekontu", nothingToPay: "ödenecek tutar yok",
	},
	reasons: reasons{
		customer: "Bu iletiyi, {account} lisanslarından sorumlu olduğunuz için alıyorsunuz.",
		manager:  "Bu iletiyi, {account} hesabının yöneticisi olduğunuz için alıyorsunuz.",
		managerOfEither: "Bu iletiyi, {account} veya {reseller} hesabının yöneticisi olduğunuz için alıyorsunuz." + or +
			"Bu iletiyi, {account} hesabının yöneticisi olduğunuz için alıyorsunuz.",
		linked:   "Bu iletiyi, {receiver} veya {source} hesabının yöneticisi olduğunuz için alıyorsunuz.",
		invoices: "Bu iletiyi, {reseller} ile yapılan {contract} sözleşmesinin faturaları bu adrese gönderildiği için alıyorsunuz.",
		finance:  "Bu iletiyi, bu adres {account} için finans adresi olarak kayıtlı olduğundan alıyorsunuz.",
	},
	words: map[kind]words{
		domain.MailAssigned: {
			badge:   "Etkin",
			subject: "{account} için {what} etkinleştirildi",
			lead:    "{account} için {what} etkinleştirildi.",
			next:    "Herhangi bir işlem yapmanız gerekmez; hemen kullanılabilir.",
		},
		domain.MailSold: {
			badge:   "Etkin",
			subject: "{account} hesabına {what} satıldı",
			lead:    "{reseller}, {account} hesabına {what} sattı." + or + "{account} hesabına {what} satıldı.",
			next:    "Herhangi bir işlem yapmanız gerekmez; hemen kullanılabilir.",
		},
		soldAndDeployed: {
			badge:   "Etkin",
			subject: "{account} hesabına {what} satıldı ve {deployment} adıyla dağıtıldı",
			lead: "{reseller}, {account} hesabına {what} sattı ve {deployment} adıyla dağıttı." + or +
				"{account} hesabına {what} satıldı ve {deployment} adıyla dağıtıldı.",
			next: "Herhangi bir işlem yapmanız gerekmez; {lisans etkin ve dağıtılmış|lisanslar etkin ve dağıtılmış} durumda. " +
				"Dağıtım sona erdirildiğinde {lisans|lisanslar} başka bir amaçla kullanılabilir.",
		},
		domain.MailPulled: {
			badge:   "Devralındı",
			subject: "{receiver}, {source} hesabından {what} devraldı",
			lead:    "{receiver}, {source} hesabından {what} devraldı.",
			next: "Bunun için ücret alınmaz ve son geçerli günler değişmez. İki hesap bağlantılı olduğu sürece " +
				"{receiver} yeni lisanslar devralabilir; bunu istemiyorsanız lütfen bağlantıyı sonlandırın.",
		},
		domain.MailLinked: {
			badge:   "Bağlandı",
			subject: "{receiver} artık {source} hesabından lisans devralabilir",
			lead:    "{receiver} artık {source} hesabından lisans devralabilir.",
			next: "Herhangi bir işlem yapmanız gerekmez. Bu, stok ile dağıtılmamış ve tahsis edilmemiş lisanslar için geçerlidir. " +
				"{source} hesabının yöneticileri her seferinde bilgilendirilir; her iki taraf da bağlantıyı dilediği zaman sonlandırabilir.",
		},
		domain.MailRequested: {
			badge:   "Sizi bekliyor",
			subject: "{account} için sipariş: {what}",
			lead:    "{by}, {account} için {what} sipariş etti." + or + "{account} için {what} sipariş edildi.",
			next: "Etkinleştirmek için {order} numaralı siparişi atayın veya gerekçesini belirterek reddedin. " +
				"O zamana kadar hiçbir şey değişmez ve ücret alınmaz.",
		},
		domain.MailRejected: {
			badge:   "Reddedildi",
			subject: "Sipariş reddedildi: {account} için {what}",
			lead:    "{reseller}, {account} hesabının siparişini reddetti: {what}." + or + "{account} hesabının siparişi reddedildi: {what}.",
			next:    "Sipariş kapatıldı; hiçbir şey eklenmedi ve ücret alınmaz. İhtiyacınız sürüyorsa lütfen yeni bir sipariş verin.",
		},
		domain.MailStockExpiring: {
			badge:   "Süresi doluyor",
			subject: "Stoktaki {what}, {last_day} tarihinden sonra geçersiz olacak",
			lead:    "{account} stokundaki {what}, {last_day} tarihinden sonra geçersiz olacak.",
			next: "{Lisansı|Lisansları} o tarihe kadar devir, satış veya dağıtım yoluyla bir müşteriye aktarın: aktarılan lisanslar " +
				"o günden itibaren tam süreyle geçerli olur ve ek ücret alınmaz. Alt bayiye yapılan devir son günü değiştirmez. Sonrasında kalanlar geçersiz olur.",
		},
		domain.MailStockExpired: {
			badge:   "Süresi doldu",
			subject: "Stoktaki {what} geçerliliğini yitirdi",
			lead:    "{account} stokundaki {what} geçerliliğini yitirdi.",
			next:    "{Bu lisans|Bu lisanslar} artık aktarılamaz. Daha önce müşterilere aktarılanlar bundan etkilenmez.",
		},
		domain.MailLicenseExpiring: {
			badge:   "Süresi doluyor",
			subject: "{account} hesabındaki {what}, {last_day} tarihinden sonra geçersiz olacak",
			lead:    "{account} hesabındaki {what}, {last_day} tarihinden sonra geçersiz olacak.",
			next: "{reseller} {lisansı|lisansları} o güne kadar yenileyebilir: yeni süre ertesi gün başlar, dağıtım ve tahsisler olduğu gibi kalır. " +
				"Yenilenmeyenler, kullanımda olsalar bile geçersiz olur." + or +
				"Kullanmaya devam etmek için {lisansı|lisansları} o güne kadar yeniletin: yeni süre ertesi gün başlar, dağıtım ve tahsisler olduğu gibi kalır. " +
				"Yenilenmeyenler, kullanımda olsalar bile geçersiz olur.",
		},
		domain.MailLicenseExpired: {
			badge:   "Süresi doldu",
			subject: "{account} hesabındaki {what} geçerliliğini yitirdi",
			lead:    "{account} hesabındaki {what} geçerliliğini yitirdi.",
			next: "{Lisans|Lisanslar} artık kullanılamaz; {dağıtımı veya tahsisi|dağıtım ve tahsisleri} sona erdi. " +
				"İhtiyaç sürüyorsa {reseller} {lisansı|lisansları} yenileyebilir: yeni süre yenileme gününde başlar." + or +
				"{Lisans|Lisanslar} artık kullanılamaz; {dağıtımı veya tahsisi|dağıtım ve tahsisleri} sona erdi.",
		},
		domain.MailSubscriptionRenewing: {
			badge:   "Yenilenecek",
			subject: "Abonelik {renews_on} tarihinde yenilenecek: {account} için {what}",
			lead:    "{account} hesabının aboneliği {renews_on} tarihinde 12 ay için yenilenecek: {what}.",
			next: "Bu doğruysa herhangi bir işlem yapmanız gerekmez. {last_day} günü sonuna kadar {reseller} yeni dönemin kullanıcı hakkı sayısını değiştirebilir; " +
				"{account} veya {reseller} bunun yerine aboneliği sona erdirebilir." + or +
				"Bu doğruysa herhangi bir işlem yapmanız gerekmez. Yeni dönemin kullanıcı hakkı sayısı {last_day} günü sonuna kadar değiştirilebilir.",
		},
		domain.MailSubscriptionRenewed: {
			badge:   "Yenilendi",
			subject: "Abonelik yenilendi: {account} için {what}",
			lead:    "{account} hesabının aboneliği 12 ay için yenilendi: {what}.",
			next:    "Herhangi bir işlem yapmanız gerekmez; kullanım kesintisiz sürer. Dönem içinde kullanıcı hakkı eklenebilir ancak azaltılamaz.",
		},
		domain.MailSubscriptionEnded: {
			badge:   "Sona erdi",
			subject: "Abonelik sona erdi: {account} için {what}",
			lead:    "{account} hesabının aboneliği sona erdi: {what}.",
			next: "{Bu kullanıcı hakkı|Bu kullanıcı hakları} artık kullanılamaz. İhtiyaç sürüyorsa {reseller} yeni bir abonelik başlatabilir." + or +
				"{Bu kullanıcı hakkı|Bu kullanıcı hakları} artık kullanılamaz.",
		},
		endedWithoutSeats: {
			badge:   "Sona erdi",
			subject: "Abonelik sona erdi: {account} için {product}",
			lead:    "{account} hesabının {product} aboneliği sona erdi. Abonelikte kullanıcı hakkı yoktu.",
			next:    "Herhangi bir işlem yapmanız gerekmez.",
		},
		domain.MailInvoiceIssued: {
			badge:   "Fatura",
			subject: "{month} faturası {number}: {total}, son ödeme tarihi {due}",
			lead:    "{month} dönemine ait {number} numaralı faturanın tutarı {total}, son ödeme tarihi {due}.",
			next:    "Lütfen ödemeyi {due} günü sonuna kadar yapın ve açıklamada fatura numarasını belirtin: {number}.",
		},
		issuedForNothing: {
			badge:   "Fatura",
			subject: "{month} faturası {number}: {total}",
			lead:    "{month} dönemine ait {number} numaralı faturanın tutarı {total}. Ödenecek tutar yoktur.",
			next:    "Herhangi bir işlem yapmanız gerekmez.",
		},
		issuedCreditNote: {
			badge:   "Alacak dekontu",
			subject: "{month} alacak dekontu {number}: {total}",
			lead:    "{month} dönemine ait {number} numaralı alacak dekontuyla {reseller} hesabına {total} alacak yazıldı.",
			next:    "Ödenecek tutar yoktur: tutar sizin lehinizedir.",
		},
		domain.MailMonthClosed: {
			badge:   "Dönem kapandı",
			subject: "{account}, {month}: {documents}",
			lead:    "{account} tarafından {month} dönemi için düzenlenen belgeler: {documents}.",
			next:    "Herhangi bir işlem yapmanız gerekmez. Kapanmış bir dönemdeki hatalar sonraki faturada düzeltilir.",
		},
		closedNeedingAttention: {
			badge:   "İnceleyin",
			subject: "{account}, {month}: {documents}, {attention}",
			lead:    "{account} tarafından {month} dönemi için düzenlenen belgeler: {documents}. {attention}.",
			next:    "Düzenlenemeyen bir fatura beklemede kalır ve eksik bilgi kaydedildiğinde düzenlenir.",
		},
	},
}
