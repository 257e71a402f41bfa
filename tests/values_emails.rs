//! Addresses with our result and the reason. They come from the isemail suite (by number), the
//! email-validator suite (EV), RFC 3696 with its errata, and real exports.

use engage::value::email::Email;

/// Deliverable addresses: the cell, the stored address, and the source.
#[rustfmt::skip]
const TAKEN: [(&str, &str, &str); 64] = [
    ("test@iana.org", "test@iana.org", "isemail 8"),
    ("test@nominet.org.uk", "test@nominet.org.uk", "isemail 9: three labels"),
    ("test@about.museum", "test@about.museum", "isemail 10: a long top-level domain"),
    ("a@iana.org", "a@iana.org", "isemail 11: one character is enough"),
    ("test.test@iana.org", "test.test@iana.org", "isemail 14: a dot between atoms"),
    ("!#$%&'*+/=?^`{}~@iana.org", "!#$%&'*+/=?^`{}~@iana.org", "isemail 18: RFC 5322 atext"),
    ("123@iana.org", "123@iana.org", "isemail 20: digits alone"),
    ("test@123.com", "test@123.com", "isemail 21: RFC 1123 lets a label begin with a digit"),
    ("abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijkl@iana.org", "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijkl@iana.org", "isemail 24: 64 octets"),
    ("test@abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk.com", "test@abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk.com", "isemail 27: a label of 63"),
    ("test@mason-dixon.com", "test@mason-dixon.com", "isemail 29: a hyphen inside"),
    ("test@c--n.com", "test@c--n.com", "isemail 32: two hyphens inside"),
    ("test@iana.co-uk", "test@iana.co-uk", "isemail 33: as a domain may be written"),
    ("a@a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r.s.t.u.v.w.x.y.z.com", "a@a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r.s.t.u.v.w.x.y.z.com", "isemail 34, with a second label at its end"),
    ("xn--test@iana.org", "xn--test@iana.org", "isemail 84: no meaning before the @"),
    ("test@xn--hxajbheg2az3al.xn--jxalpdlp", "test@xn--hxajbheg2az3al.xn--jxalpdlp", "isemail 83: a domain in its ASCII form"),
    ("Abc@example.tld", "Abc@example.tld", "EV: the case before the @ is kept"),
    ("Abc.123@test-example.com", "Abc.123@test-example.com", "EV"),
    ("user+mailbox/department=shipping@example.tld", "user+mailbox/department=shipping@example.tld", "EV and RFC 3696 §3"),
    ("!#$%&'*+-/=?^_`.{}~@example.tld", "!#$%&'*+-/=?^_`.{}~@example.tld", "EV, but for its bar"),
    ("伊昭傑@郵件.商務", "伊昭傑@郵件.商務", "EV: RFC 6531, Han"),
    ("राम@मोहन.ईन्फो", "राम@मोहन.ईन्फो", "EV: Devanagari, vowel signs in the labels"),
    ("юзер@екзампл.ком", "юзер@екзампл.ком", "EV: Cyrillic"),
    ("θσερ@εχαμπλε.ψομ", "θσερ@εχαμπλε.ψομ", "EV: Greek"),
    ("葉士豪@臺網中心.tw", "葉士豪@臺網中心.tw", "EV: a mixed domain"),
    ("jeff@臺網中心.tw", "jeff@臺網中心.tw", "EV"),
    ("ñoñó@example.tld", "ñoñó@example.tld", "EV: Latin with accents"),
    ("我買@example.tld", "我買@example.tld", "EV"),
    ("甲斐黒川日本@example.tld", "甲斐黒川日本@example.tld", "EV"),
    ("чебурашкаящик-с-апельсинами.рф@example.tld", "чебурашкаящик-с-апельсинами.рф@example.tld", "EV: a dot before the @"),
    ("उदाहरण.परीक्ष@domain.with.idn.tld", "उदाहरण.परीक्ष@domain.with.idn.tld", "EV"),
    ("ιωάννης@εεττ.gr", "ιωάννης@εεττ.gr", "EV"),
    ("customer/department@example.com", "customer/department@example.com", "RFC 3696 §3"),
    ("$A12345@example.com", "$A12345@example.com", "RFC 3696 §3"),
    ("!def!xyz%abc@example.com", "!def!xyz%abc@example.com", "RFC 3696 §3"),
    ("_somename@example.com", "_somename@example.com", "RFC 3696 §3"),
    ("user+mailbox@example.com", "user+mailbox@example.com", "RFC 3696 §3"),
    ("peter.piper@example.com", "peter.piper@example.com", "RFC 3696 §3"),
    ("o'hara@example.ie", "o'hara@example.ie", "an apostrophe is an atom's"),
    ("Ada.L@EXAMPLE.Com", "Ada.L@example.com", "the domain in lower case"),
    ("ada@МОСКВА.РФ", "ada@москва.рф", "in lower case in every script"),
    ("ada@BÜCHER.example", "ada@bücher.example", "as written, not in its ASCII form"),
    (" ada@example.com\u{a0}", "ada@example.com", "space around a value is missing's"),
    ("my@example.com\n", "my@example.com", "EV refuses it; a line end around a value is space"),
    ("\u{feff}ada@example.com", "ada@example.com", "nor is a byte order mark"),
    ("mailto:ada@example.com", "ada@example.com", "a link's scheme"),
    ("MAILTO:ada@example.com", "ada@example.com", "a link's scheme"),
    ("ada@gmial.com", "ada@gmial.com", "a typo is for its owner to fix"),
    ("ada@sub.sub.example.co.uk", "ada@sub.sub.example.co.uk", "labels without end"),
    ("-ada-@example.com", "-ada-@example.com", "hyphens are an atom's"),
    ("1@2.co", "1@2.co", "short is not wrong"),
    ("ada@คนที่.com", "ada@คนที่.com", "a label that ends in a tone mark"),
    ("ada@नेपाल.com", "ada@नेपाल.com", "a label with vowel signs"),
    ("test@e.com.", "test@e.com", "isemail: a dot at the end is a sentence's"),
    ("test@iana.org.", "test@iana.org", "isemail 37"),
    ("!#$%|@iana.org", "!#$%|@iana.org", "isemail 18 has a bar"),
    ("Ada Lovelace <ada@example.com>", "ada@example.com", "a display name"),
    ("<ada@example.com>", "ada@example.com", "brackets"),
    ("ada@example.com, bob@example.com", "ada@example.com", "the first of two"),
    ("ada@example.com;bob@example.com", "ada@example.com", "the first of two"),
    ("ada@example.com / bob@example.com", "ada@example.com", "the first of two"),
    ("ada@example.com bob@example.com", "ada@example.com", "the first of two"),
    ("ada@example.com,", "ada@example.com", "a comma after it"),
    ("mailto:ada@example.com?subject=x", "ada@example.com", "a link with more than an address"),
];

/// Addresses that are not deliverable: the cell, the message, and the source.
#[rustfmt::skip]
const REFUSED: [(&str, &str, &str); 65] = [
    ("test", "contains no @", "isemail 2"),
    ("@", "nothing before the @", "isemail 3"),
    ("test@", "nothing after the @", "isemail 4"),
    ("test@io", "its domain has no dot", "isemail 5: an address by RFC 5321, but no mail reaches it"),
    ("@io", "nothing before the @", "isemail 6"),
    ("@iana.org", "nothing before the @", "isemail 7"),
    (".test@iana.org", DOT, "isemail 15: a dot first"),
    ("test.@iana.org", DOT, "isemail 16: a dot last"),
    ("test..iana.org", "contains no @", "isemail 17"),
    ("test_exa-mple.com", "contains no @", "isemail 19"),
    ("test\\@test@iana.org", "contains more than one @", "isemail 22: a backslash quotes only in quotes"),
    ("abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklm@iana.org", "more than 64 characters before the @", "isemail 25"),
    ("test@abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijkl.com", LONG, "isemail 28: a label of 64"),
    ("test@-iana.org", "its domain is not a valid domain name", "isemail 30: a hyphen first"),
    ("test@iana-.com", "its domain is not a valid domain name", "isemail 31: a hyphen last"),
    ("test@.iana.org", "its domain has an extra dot", "isemail 36"),
    ("test@iana..com", "its domain has an extra dot", "isemail 38"),
    ("\"test\"@iana.org", PLAIN, "isemail 43: quoted, which no address of a customer is"),
    ("\"\"@iana.org", PLAIN, "isemail 44"),
    ("\"test\\ test\"@iana.org", PLAIN, "isemail 48"),
    ("test\"@iana.org", PLAIN, "isemail 56: a quote left open"),
    ("\"test@iana.org", PLAIN, "isemail 57"),
    ("\"test\"test@iana.org", PLAIN, "isemail 58"),
    ("test@[255.255.255.255]", "an address literal instead of a domain", "isemail 62"),
    ("test@a[255.255.255.255]", "an address literal instead of a domain", "isemail 63"),
    ("test@[IPv6:1111:2222:3333:4444:5555:6666:7777:8888]", "an address literal instead of a domain", "isemail 66"),
    (" test @iana.org", "contains a space", "isemail 85: folding white space"),
    ("test@ iana .com", "contains a space", "isemail 86"),
    ("test . test@iana.org", "contains a space", "isemail 87"),
    ("(comment)test@iana.org", "contains a comment", "isemail 91"),
    ("((comment)test@iana.org", "contains a comment", "isemail 92"),
    ("test@iana.org\n.com", "contains a space", "isemail 110: a line end inside"),
    ("test@\u{7}.org", "its domain is not a valid domain name", "isemail 113: a control character"),
    ("\u{7}@iana.org", DOT, "isemail: a control character"),
    ("test@iana.org-", "its domain is not a valid domain name", "isemail 116"),
    ("test@iana/icann.org", "its domain is not a valid domain name", "isemail 133"),
    ("test@foo;bar.com", "contains a comma or semicolon", "isemail 136"),
    ("test@example@iana.org", "contains more than one @", "isemail 139"),
    ("test@iana_org.com", "its domain is not a valid domain name", "hosts have no underscore, RFC 1123"),
    ("my@localhost", "its domain has no dot", "EV"),
    ("my@.leadingdot.com", "its domain has an extra dot", "EV"),
    ("my@.．leadingfwdot.com", "its domain has an extra dot", "EV"),
    ("my@twodots..com", "its domain has an extra dot", "EV"),
    ("my@baddash.-.com", "its domain is not a valid domain name", "EV"),
    ("my@baddash.-a.com", "its domain is not a valid domain name", "EV"),
    ("my@baddash.b-.com", "its domain is not a valid domain name", "EV"),
    ("my@example\n.com", "contains a space", "EV"),
    ("@example.com", "nothing before the @", "EV"),
    ("white space@test", "contains a space", "EV"),
    ("test@test", "its domain has no dot", "EV"),
    ("\nmy@example.com x", "contains a space", "EV"),
    ("my@127.0.0.1", "its domain ends in a number", "EV: an address of a machine without brackets"),
    (".leadingdot@domain.com", DOT, "EV"),
    ("twodots..here@domain.com", DOT, "EV"),
    ("trailingdot.@domain.email", DOT, "EV"),
    ("me@⒈wouldbeinvalid.com", "its domain is not a valid domain name", "EV: a character that IDNA forbids"),
    ("\u{200f}me\u{202e}@example.com", "contains a space or an invisible character", "EV: bidi marks, which would make one address look like another"),
    ("m\u{200b}e@example.com", "contains a space or an invisible character", "pasted from a web page"),
    ("me\u{a0}you@example.com", "contains a space or an invisible character", "NBSP inside"),
    ("Abc\\@def@example.com", "contains more than one @", "RFC 3696 erratum 246: wrong without quotes"),
    ("Fred\\ Bloggs@example.com", "contains a space", "RFC 3696 erratum 246: wrong without quotes"),
    ("Joe.\\\\Blow@example.com", DOT, "RFC 3696 erratum 246: wrong without quotes"),
    ("\"Abc@def\"@example.com", PLAIN, "RFC 3696 §3: right, but quoted"),
    ("ada@example, bob@example.com", SEVERAL, "the first of two is invalid"),
    ("N/A", "contains no @", "no value"),
];

const DOT: &str = "contains an invalid character, or a dot in the wrong place";
const PLAIN: &str = "not a plain address (no display name, no quoted local part)";
const LONG: &str = "its domain is too long";
const SEVERAL: &str = "several addresses in one cell: keep one";

#[test]
fn deliverable_addresses_are_accepted() {
    for (text, stored, why) in TAKEN {
        let email = Email::parse(text).map(|email| email.map(|e| e.as_str().to_owned()));
        assert_eq!(email, Ok(Some(stored.to_owned())), "{text:?}: {why}");
    }
}

#[test]
fn other_addresses_are_refused_with_a_reason() {
    for (text, said, why) in REFUSED {
        let reason = Email::parse(text).map_err(|reason| reason.message.into_owned());
        assert_eq!(reason, Err(said.to_owned()), "{text:?}: {why}");
    }
}

#[test]
fn an_address_has_at_most_254_octets() {
    // RFC 3696 erratum 1690.
    let domain = format!("{0}.{0}.{1}.com", "d".repeat(62), "e".repeat(58));
    let local = "l".repeat(64);
    assert_eq!(format!("{local}@{domain}").len(), 253);
    assert!(Email::parse(&format!("{local}@{domain}")).is_ok());
    assert!(Email::parse(&format!("{local}@e{domain}")).is_ok());
    assert!(Email::parse(&format!("{local}@ee.{domain}")).is_err());
}

#[test]
fn a_likely_typo_is_reported_and_the_address_kept() {
    let email = Email::parse("Ada@GMIAL.com").unwrap().unwrap();
    assert_eq!((email.as_str(), email.domain()), ("Ada@gmial.com", "gmial.com"));
    assert_eq!(email.likely_domain(), Some("gmail.com"));
    assert_eq!(Email::parse("ada@gmail.com").unwrap().unwrap().likely_domain(), None);
}
