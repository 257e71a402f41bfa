//! Detects the encoding of a text.

mod decode;
mod read_twice;

pub(crate) use decode::Decoded;
pub use read_twice::is_read_twice;

use crate::text::excerpt;
use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{UTF_8, UTF_16BE, UTF_16LE};
use memchr::{memchr, memchr2};
use std::fmt;
use std::str::FromStr;

/// A character encoding, one of those that browsers support.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Encoding(pub(crate) &'static encoding_rs::Encoding);

impl Encoding {
    /// Its name, as the WHATWG spells it.
    pub fn name(self) -> &'static str {
        self.0.name()
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// No encoding has that name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown encoding {0:?}: try utf-8, windows-1252, utf-16le, macintosh, shift_jis")]
pub struct UnknownEncoding(String);

impl FromStr for Encoding {
    type Err = UnknownEncoding;

    /// Accepts the labels of the WHATWG: `utf-8`, `latin1`, `cp1252`, `sjis`, in any case.
    fn from_str(label: &str) -> Result<Self, UnknownEncoding> {
        encoding_rs::Encoding::for_label_no_replacement(label.as_bytes())
            .filter(|encoding| *encoding != encoding_rs::X_USER_DEFINED)
            .map(Self)
            .ok_or_else(|| UnknownEncoding(label.to_owned()))
    }
}

/// How an encoding is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EncodingEvidence {
    /// The file begins with a byte order mark.
    ByteOrderMark,
    /// The file's beginning is UTF-8 throughout, or apart from single invalid bytes; or UTF-16 by
    /// the zero bytes of its plain letters.
    Valid,
    /// It is the most likely for this text; the user should check it.
    Guessed {
        /// A piece of the decoded text, with the first letter that depends on the guess; safe to
        /// show.
        sample: String,
    },
    /// It was given.
    Given,
    /// It was given, but the file's beginning is valid UTF-8 with letters that this encoding
    /// decodes as others.
    GivenOverUtf8,
}

/// The encoding of the bytes at the beginning of a file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct DetectedEncoding {
    pub(crate) encoding: &'static encoding_rs::Encoding,
    pub(crate) evidence: EncodingEvidence,
    /// The length of the byte order mark.
    pub(crate) mark: usize,
}

/// Why a text cannot be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EncodingError {
    /// UTF-32 is not supported.
    #[error("is in UTF-32, which cannot be read")]
    Utf32,
    /// The letters are those of an encoding of DOS or old Macs, but which one cannot be detected.
    #[error("is in an old DOS or Mac encoding, and it is not clear which")]
    DosOrMac,
}

/// Detects the encoding of a text that begins with `prefix`; `complete` says that this is all of
/// it.
pub(crate) fn detect(
    prefix: &[u8],
    complete: bool,
    given: Option<Encoding>,
) -> Result<DetectedEncoding, EncodingError> {
    let with_mark = |encoding, mark| DetectedEncoding {
        encoding,
        mark,
        evidence: EncodingEvidence::ByteOrderMark,
    };
    match prefix {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => return Err(EncodingError::Utf32),
        // No text in another encoding begins with these characters, so they override the option.
        [0xff, 0xfe, ..] => return Ok(with_mark(UTF_16LE, 2)),
        [0xfe, 0xff, ..] => return Ok(with_mark(UTF_16BE, 2)),
        _ => {}
    }
    let mark = if prefix.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    if let Some(Encoding(encoding)) = given {
        let is_other = encoding.is_single_byte() && has_utf_8_letters(&prefix[mark..], complete);
        let evidence =
            if is_other { EncodingEvidence::GivenOverUtf8 } else { EncodingEvidence::Given };
        return Ok(DetectedEncoding { encoding, evidence, mark });
    }
    if mark > 0 {
        return Ok(with_mark(UTF_8, mark));
    }
    let valid = |encoding| DetectedEncoding { encoding, evidence: EncodingEvidence::Valid, mark };
    if let Some(encoding) = utf_16(prefix) {
        return Ok(valid(encoding));
    }
    if is_mostly_utf_8(prefix, complete) && !prefix.windows(2).any(|two| two == b"\x1b$") {
        return Ok(valid(UTF_8));
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(prefix, complete);
    let mut encoding = detector.guess(None, Utf8Detection::Allow);
    if encoding == UTF_8 {
        return Ok(valid(UTF_8));
    }
    let beyond_ascii = prefix.iter().filter(|byte| !byte.is_ascii()).count();
    if !is_western(encoding) && single_letters(prefix).count() * 2 > beyond_ascii {
        // Latin words do not contain single letters of other scripts.
        encoding = encoding_rs::WINDOWS_1252;
    }
    match misplaced_letters(prefix, encoding) {
        // Only old Macs end lines with a lone carriage return.
        MisplacedLetters::Many | MisplacedLetters::Certain
            if memchr2(b'\n', b'\r', prefix).is_some_and(|at| prefix[at] == b'\r')
                && memchr(b'\n', prefix).is_none() =>
        {
            encoding = encoding_rs::MACINTOSH;
        }
        MisplacedLetters::Certain => return Err(EncodingError::DosOrMac),
        MisplacedLetters::Many | MisplacedLetters::Few => {}
    }
    let evidence = EncodingEvidence::Guessed { sample: sample(prefix, encoding) };
    Ok(DetectedEncoding { encoding, evidence, mark })
}

/// Detects UTF-16 without a byte order mark: one byte of each ASCII character is zero, nearly
/// always on the same side.
fn utf_16(prefix: &[u8]) -> Option<&'static encoding_rs::Encoding> {
    let zeros = |first: usize| prefix.iter().skip(first).step_by(2).filter(|b| **b == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let enough = |zeros: usize| zeros >= 2 && zeros * 10 >= prefix.len() / 2;
    match (even, odd) {
        _ if enough(odd) && even * 8 <= odd => Some(UTF_16LE),
        _ if enough(even) && odd * 8 <= even => Some(UTF_16BE),
        _ => None,
    }
}

/// Whether these bytes are valid UTF-8. The last character may be cut off.
pub(crate) fn is_utf_8(prefix: &[u8]) -> bool {
    std::str::from_utf8(prefix).map_or_else(|error| error.error_len().is_none(), |_| true)
}

/// Whether the beginning of a text is valid UTF-8 with characters beyond ASCII.
fn has_utf_8_letters(prefix: &[u8], complete: bool) -> bool {
    match std::str::from_utf8(prefix) {
        Ok(text) => !text.is_ascii(),
        Err(error) => {
            let is_cut = !complete && error.error_len().is_none();
            is_cut && !prefix[..error.valid_up_to()].is_ascii()
        }
    }
}

/// Whether at least half of the characters beyond ASCII are valid UTF-8. Text in other encodings
/// rarely is, so such a file is UTF-8 with a few invalid bytes.
fn is_mostly_utf_8(prefix: &[u8], complete: bool) -> bool {
    let (mut sound, mut errors) = (0_usize, 0_usize);
    let mut rest = prefix.len();
    for chunk in prefix.utf8_chunks() {
        sound += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        rest -= chunk.valid().len() + chunk.invalid().len();
        let cut = rest == 0 && !complete;
        if !chunk.invalid().is_empty() && !cut {
            errors += 1;
        }
    }
    errors == 0 || sound >= errors
}

/// How many letters inside words have the codes of quotes, dashes and capitals in Windows
/// encodings. In those of DOS and old Macs, these are the codes of accented letters.
#[derive(PartialEq, Eq)]
enum MisplacedLetters {
    Few,
    /// Most, but each may be a letter in Windows too.
    Many,
    /// Most, and some cannot be letters in Windows.
    Certain,
}

fn misplaced_letters(prefix: &[u8], guess: &'static encoding_rs::Encoding) -> MisplacedLetters {
    if !is_western(guess) {
        return MisplacedLetters::Few;
    }
    let (mut inside, mut low, mut strange) = (0, 0, 0);
    for [before, byte, _] in single_letters(prefix) {
        let capital = matches!(byte, 0x8a | 0x8c | 0x8e)
            || (byte == 0x9f && guess == encoding_rs::WINDOWS_1252);
        let no_letter = matches!(byte, 0x80..=0x89 | 0x8b | 0x90 | 0x93..=0x99 | 0x9b);
        inside += 1;
        low += usize::from(matches!(byte, 0x80..=0x91 | 0x93..=0x9f));
        strange += usize::from(no_letter || (capital && before.is_ascii_lowercase()));
    }
    match (low * 2 > inside, strange > 0) {
        (true, true) => MisplacedLetters::Certain,
        (true, false) => MisplacedLetters::Many,
        (false, _) => MisplacedLetters::Few,
    }
}

/// The bytes beyond ASCII that are between two ASCII letters, with these letters.
fn single_letters(prefix: &[u8]) -> impl Iterator<Item = [u8; 3]> {
    prefix.windows(3).filter_map(|three| {
        let &[before, byte, after] = three else { return None };
        let single =
            !byte.is_ascii() && before.is_ascii_alphabetic() && after.is_ascii_alphabetic();
        single.then_some([before, byte, after])
    })
}

fn is_western(encoding: &'static encoding_rs::Encoding) -> bool {
    let western = [
        "windows-1250",
        "windows-1252",
        "windows-1254",
        "windows-1257",
        "ISO-8859-2",
        "ISO-8859-4",
        "ISO-8859-13",
    ];
    western.contains(&encoding.name())
}

/// The decoded text around the first character that is not ASCII, at most a line of it.
fn sample(prefix: &[u8], encoding: &'static encoding_rs::Encoding) -> String {
    let escape = prefix.iter().position(|b| !b.is_ascii() || *b == 0x1b).unwrap_or(0);
    let line = prefix[..escape].iter().rposition(|b| matches!(b, b'\n' | b'\r'));
    let begin = line.map_or(0, |at| at + 1);
    let rest = &prefix[begin..prefix.len().min(escape + 400)];
    let (text, _) = encoding.decode_without_bom_handling(rest);
    let text = text.split(['\n', '\r']).next().unwrap_or_default();
    let first = text.find(|c: char| !c.is_ascii()).unwrap_or(0);
    let cell = text[..first].rfind([',', ';', '\t', '|', '"']).map_or(0, |at| at + 1);
    excerpt(&text[cell..], 40)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guess(bytes: &[u8]) -> (&'static str, EncodingEvidence) {
        let detected = detect(bytes, true, None).unwrap();
        (detected.encoding.name(), detected.evidence)
    }

    fn guessed(sample: &str) -> EncodingEvidence {
        EncodingEvidence::Guessed { sample: sample.to_owned() }
    }

    #[test]
    fn marks_and_validity_are_evidence() {
        use EncodingEvidence::{ByteOrderMark, Valid};
        assert_eq!(guess(b"\xef\xbb\xbfa"), ("UTF-8", ByteOrderMark));
        assert_eq!(guess(b"\xff\xfea\0"), ("UTF-16LE", ByteOrderMark));
        assert_eq!(guess(b"\xfe\xff\0a"), ("UTF-16BE", ByteOrderMark));
        assert_eq!(guess(b"i\0d\0,\0a\0\n\0"), ("UTF-16LE", Valid));
        assert_eq!(guess(b"\0i\0d\0,\0a\0\n"), ("UTF-16BE", Valid));
        assert_eq!(guess("a,é".as_bytes()), ("UTF-8", Valid));
        assert_eq!(guess("é,ü,\u{fffd}\n".as_bytes()), ("UTF-8", Valid));
        assert_eq!(guess(b"\xc3\xa9,\xc3\xbc\na\xff,1\n"), ("UTF-8", Valid));
        assert_eq!(guess(b"a,b\n\0,1\n"), ("UTF-8", Valid));
        assert_eq!(detect(b"\xff\xfe\0\0a\0\0\0", true, None), Err(EncodingError::Utf32));
        let cut = detect(b"a,\xc3\xa9,\xc3", false, None).unwrap();
        assert_eq!(cut.encoding, UTF_8);
    }

    #[test]
    fn legacy_encodings_are_guessed_with_a_sample() {
        let german =
            b"id;Name;Stadt\n1;J\xfcrgen M\xfcller;K\xf6ln\n2;Anna Gro\xdf;D\xfcsseldorf\n";
        assert_eq!(guess(german), ("windows-1252", guessed("Jürgen Müller;Köln")));
        let (russian, _, _) =
            encoding_rs::WINDOWS_1251.encode("имя,город\nИван,Москва\nАнна,Санкт-Петербург\n");
        assert_eq!(guess(&russian).0, "windows-1251");
        let (japanese, _, _) =
            encoding_rs::SHIFT_JIS.encode("名前,都市\n山田太郎,東京都\n佐藤花子,大阪市\n");
        assert_eq!(guess(&japanese), ("Shift_JIS", guessed("名前,都市")));
        let (stateful, _, _) = encoding_rs::ISO_2022_JP.encode("名前,都市\n山田太郎,東京都\n");
        assert_eq!(guess(&stateful).0, "ISO-2022-JP");
    }

    #[test]
    fn old_mac_text_is_detected_by_its_line_ends_and_dos_text_is_refused() {
        let mac = b"id,name,city\r1,J\x9frgen M\x9fller,K\x9aln\r2,Ren\x8ee,Z\x9frich\r";
        assert_eq!(guess(mac), ("macintosh", guessed("Jürgen Müller,Köln")));
        let dos = b"id,name,city\r\n1,J\x81rgen M\x81ller,K\x94ln\r\n";
        assert_eq!(detect(dos, true, None), Err(EncodingError::DosOrMac));
        assert_eq!(detect(b"id\r\nJ\x81rgen\r\n", true, None), Err(EncodingError::DosOrMac));
    }

    #[test]
    fn a_given_encoding_is_used_unless_a_mark_overrides_it() {
        let latin: Encoding = "Latin1".parse().unwrap();
        assert_eq!(latin.to_string(), "windows-1252");
        let given = detect(b"\xef\xbb\xbfa\xe9", true, Some(latin)).unwrap();
        assert_eq!((given.encoding.name(), given.mark), ("windows-1252", 3));
        assert_eq!(given.evidence, EncodingEvidence::Given);
        let over_utf_8 = detect("Jürgen".as_bytes(), true, Some(latin)).unwrap();
        assert_eq!(over_utf_8.evidence, EncodingEvidence::GivenOverUtf8);
        let big = "utf-16".parse().unwrap();
        assert_eq!(detect(b"\xfe\xff\0a", true, Some(big)).unwrap().encoding, UTF_16BE);
        assert!("cp850".parse::<Encoding>().is_err());
        assert!("replacement".parse::<Encoding>().is_err());
    }
}
