//! Recognises files that are not CSV by their first bytes, and says how to convert them to CSV.

use memchr::memmem;

/// A kind of file that is not CSV.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum NonCsvFormat {
    /// An Excel workbook, `.xlsx` or `.xlsb`.
    Excel,
    /// An Office file from before 2007, `.xls`, or an encrypted workbook.
    OldOffice,
    /// An `OpenDocument` spreadsheet, `.ods`.
    OpenDocument,
    /// A spreadsheet of Apple's Numbers.
    Numbers,
    /// Another document in Office's, `OpenDocument`'s or Apple's format.
    Document,
    /// A zip archive.
    Zip,
    /// Another archive or compressed file, by its name.
    Archive(&'static str),
    /// Compressed twice.
    CompressedTwice,
    /// A PDF document.
    Pdf,
    /// An image, by its name.
    Image(&'static str),
    /// A table in a binary format such as Parquet, by its name.
    Columnar(&'static str),
    /// A database file, by its name.
    Database(&'static str),
    /// One JSON value.
    Json,
    /// A JSON value on each line.
    JsonLines,
    /// A web page.
    Html,
    /// XML.
    Xml,
    /// Statements of a database dump.
    Sql,
    /// Address cards.
    VCard,
    /// The pointer that Git LFS keeps in place of a large file.
    GitLfsPointer,
    /// Bytes that are not text.
    Binary,
}

impl NonCsvFormat {
    /// What it is, with an article.
    pub fn description(self) -> String {
        let named = match self {
            Self::Excel => "an Excel workbook",
            Self::OldOffice => "an Excel workbook in the format before 2007, or an encrypted one",
            Self::OpenDocument => "an OpenDocument spreadsheet",
            Self::Numbers => "a Numbers spreadsheet",
            Self::Document => "a document of an office program",
            Self::Zip => "a zip archive",
            Self::Archive(name) => return format!("{name} data"),
            Self::CompressedTwice => "compressed twice",
            Self::Pdf => "a PDF document",
            Self::Image(name) => return format!("an image ({name})"),
            Self::Columnar(name) => return format!("a {name} file"),
            Self::Database(name) => return format!("a database file ({name})"),
            Self::Json => "JSON",
            Self::JsonLines => "JSON Lines",
            Self::Html => "a web page (HTML)",
            Self::Xml => "XML",
            Self::Sql => "a database dump (SQL statements)",
            Self::VCard => "address cards (vCard)",
            Self::GitLfsPointer => "a Git LFS pointer: the file itself was not downloaded",
            Self::Binary => "binary data",
        };
        named.to_owned()
    }

    /// How to convert it to CSV. `FILE` stands for the file.
    pub fn hints(self) -> Vec<&'static str> {
        /// Converts the first sheet, with commas and in UTF-8.
        const CONVERT: &str =
            "or: soffice --headless --convert-to 'csv:Text - txt - csv (StarCalc):44,34,76' FILE";
        let way = self.way();
        match self {
            Self::Excel | Self::OldOffice | Self::OpenDocument => vec![way, CONVERT],
            _ => vec![way],
        }
    }

    /// The first hint.
    fn way(self) -> &'static str {
        match self {
            Self::Excel | Self::OldOffice => {
                "in Excel: File, Save As, 'CSV UTF-8 (Comma delimited)'"
            }
            Self::OpenDocument => "in LibreOffice: File, Save As, 'Text CSV' in UTF-8",
            Self::Numbers => "in Numbers: File, Export To, CSV, with the text encoding UTF-8",
            Self::Document | Self::Pdf | Self::Image(_) => {
                "export the customers as CSV from the program that has them"
            }
            Self::Zip => "unpack it first, or: unzip -p FILE | engage import -",
            Self::Archive(_) | Self::CompressedTwice => {
                "unpack it first; a CSV file that is compressed once with gzip or zstd can be imported directly"
            }
            Self::Columnar(_) => {
                "convert it, for example: duckdb -csv -c \"from 'FILE'\" > users.csv"
            }
            Self::Database("DuckDB") => {
                "export a table, for example: duckdb FILE -csv -c 'from users' > users.csv"
            }
            Self::Database("PostgreSQL dump") => {
                "pg_restore it, then export a table: \\copy users to 'users.csv' csv header"
            }
            Self::Database("Access") => {
                "in Access: External Data, Export, Text File, with field names"
            }
            Self::Database(_) => {
                "export a table, for example: sqlite3 -csv -header FILE 'select * from users' > users.csv"
            }
            Self::Json => {
                r#"convert it, for example: jq -r '["id","email"], (.[] | [.id, .email]) | @csv' FILE > users.csv"#
            }
            Self::JsonLines => {
                r#"convert it, for example: jq -rn '["id","email"], (inputs | [.id, .email]) | @csv' FILE > users.csv"#
            }
            Self::Html => {
                "it may be an error or sign-in page in place of the export: open it in a browser, \
                 then export again"
            }
            Self::Xml => "export as CSV; a spreadsheet in XML can be saved as CSV UTF-8 in Excel",
            Self::Sql => "load it into a database, and export the customers as CSV",
            Self::VCard => "export the contacts as CSV instead",
            Self::GitLfsPointer => "git lfs pull",
            Self::Binary => "export the customers as CSV; if the file is text, set its --encoding",
        }
    }

    /// Detects a binary file by its first bytes, after decompression.
    pub(crate) fn of_bytes(prefix: &[u8]) -> Option<Self> {
        if prefix.starts_with(b"PK\x03\x04") {
            return Some(Self::of_zip(prefix));
        }
        // The name of a column may begin like some of these.
        let is_text = !prefix.iter().take(512).any(|b| matches!(b, 0..=8 | 14..=26 | 28..=31));
        if is_text && !prefix.starts_with(b"%PDF-") {
            return None;
        }
        if prefix.get(257..262) == Some(b"ustar") {
            return Some(Self::Archive("tar"));
        }
        let magic: &[(&[u8], Self)] = &[
            (b"PK\x05\x06", Self::Zip),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Self::OldOffice),
            (b"\x09\x08\x10\0", Self::OldOffice),
            (b"%PDF-", Self::Pdf),
            (b"\x89PNG", Self::Image("PNG")),
            (b"\xff\xd8\xff", Self::Image("JPEG")),
            (b"GIF87a", Self::Image("GIF")),
            (b"GIF89a", Self::Image("GIF")),
            (b"II*\0", Self::Image("TIFF")),
            (b"MM\0*", Self::Image("TIFF")),
            (b"\x1f\x8b", Self::CompressedTwice),
            (b"\x28\xb5\x2f\xfd", Self::CompressedTwice),
            (b"BZh", Self::Archive("bzip2")),
            (b"\xfd7zXZ\0", Self::Archive("xz")),
            (b"7z\xbc\xaf\x27\x1c", Self::Archive("7-Zip")),
            (b"Rar!\x1a\x07", Self::Archive("RAR")),
            (b"\x04\x22\x4d\x18", Self::Archive("LZ4")),
            (b"\x1f\x9d", Self::Archive("compress")),
            (b"PAR1", Self::Columnar("Parquet")),
            (b"ARROW1", Self::Columnar("Arrow")),
            (b"FEA1", Self::Columnar("Feather")),
            (b"Obj\x01", Self::Columnar("Avro")),
            (b"SQLite format 3\0", Self::Database("SQLite")),
            (b"\0\x01\0\0Standard Jet DB", Self::Database("Access")),
            (b"\0\x01\0\0Standard ACE DB", Self::Database("Access")),
            (b"PGDMP", Self::Database("PostgreSQL dump")),
        ];
        if let Some((_, kind)) = magic.iter().find(|(bytes, _)| prefix.starts_with(bytes)) {
            return Some(*kind);
        }
        match prefix {
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => {
                Some(Self::Image("WebP"))
            }
            [_, _, _, _, _, _, _, _, b'D', b'U', b'C', b'K', ..] => Some(Self::Database("DuckDB")),
            _ => None,
        }
    }

    /// Detects what a zip archive is by the names of its files.
    fn of_zip(prefix: &[u8]) -> Self {
        let mut office = false;
        let mut apple = false;
        for at in memmem::find_iter(prefix, b"PK\x03\x04") {
            let Some(name) = prefix.get(at + 30..) else { break };
            let holds = |wanted: &str| name.starts_with(wanted.as_bytes());
            if holds("xl/") {
                return Self::Excel;
            }
            if holds("mimetypeapplication/vnd.oasis.opendocument.spreadsheet") {
                return Self::OpenDocument;
            }
            if holds("Index/Tables/") || holds("Index/CalculationEngine") {
                return Self::Numbers;
            }
            apple |= holds("Index/");
            office |= holds("[Content_Types].xml") || holds("word/") || holds("mimetype");
        }
        match (apple, office) {
            (true, _) => Self::Numbers,
            (false, true) => Self::Document,
            (false, false) => Self::Zip,
        }
    }

    /// Detects text that is not CSV by its beginning, without the byte order mark.
    pub(crate) fn of_text(text: &[u8]) -> Option<Self> {
        Self::of_markup(text.trim_ascii_start())
            .or_else(|| Self::is_binary(text).then_some(Self::Binary))
    }

    fn of_markup(text: &[u8]) -> Option<Self> {
        let begins = |with: &str| {
            text.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with.as_bytes()))
        };
        let any = |of: &[&str]| of.iter().any(|with| begins(with));
        if begins("version https://git-lfs.github.com/spec/") {
            return Some(Self::GitLfsPointer);
        }
        if any(&["<!doctype html", "<html", "<head", "<body", "<table", "<script", "<meta", "<div"])
        {
            return Some(Self::Html);
        }
        if any(&["<?xml", "<!doctype", "<svg", "<!--", "<error>", "<workbook"]) {
            return Some(Self::Xml);
        }
        if begins("BEGIN:VCARD") {
            return Some(Self::VCard);
        }
        if any(&[
            "-- MySQL dump",
            "-- MariaDB dump",
            "/*M!",
            "-- PostgreSQL database dump",
            "--\n-- PostgreSQL",
            "PRAGMA foreign_keys",
            "INSERT INTO ",
            "CREATE TABLE ",
            "DROP TABLE ",
        ]) {
            return Some(Self::Sql);
        }
        Self::of_json(text)
    }

    fn of_json(text: &[u8]) -> Option<Self> {
        let (first, rest) = text.split_first()?;
        let next = rest.trim_ascii_start().first().copied();
        let is_json = match first {
            b'{' => matches!(next, None | Some(b'"' | b'}')),
            b'[' => matches!(next, None | Some(b'{' | b'[' | b']' | b'"')),
            _ => false,
        };
        if !is_json {
            return None;
        }
        let mut lines = text.split(|b| *b == b'\n').map(<[u8]>::trim_ascii);
        let closing = if *first == b'{' { b"}" } else { b"]" };
        let closed = lines.next().is_some_and(|line| line.ends_with(closing));
        let more = lines.find(|line| !line.is_empty()).is_some_and(|line| line[0] == *first);
        Some(if closed && more { Self::JsonLines } else { Self::Json })
    }

    /// Whether bytes have too many control characters to be text.
    pub(crate) fn is_binary(text: &[u8]) -> bool {
        let controls = text
            .iter()
            .filter(|b| matches!(b, 0..=0x08 | 0x0b | 0x0e..=0x1a | 0x1c..=0x1f | 0x7f))
            .count();
        controls >= 4 && controls * 20 > text.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zip(names: &[&str]) -> Vec<u8> {
        let header = |name: &&str| [b"PK\x03\x04", &[0; 26][..], name.as_bytes()].concat();
        names.iter().flat_map(header).collect()
    }

    #[test]
    fn archives_are_recognised_by_their_files() {
        let of = |names: &[&str]| NonCsvFormat::of_bytes(&zip(names));
        assert_eq!(
            of(&["[Content_Types].xml", "_rels/.rels", "xl/workbook.xml"]),
            Some(NonCsvFormat::Excel)
        );
        assert_eq!(of(&["[Content_Types].xml", "word/document.xml"]), Some(NonCsvFormat::Document));
        let sheet = "mimetypeapplication/vnd.oasis.opendocument.spreadsheetPK";
        assert_eq!(of(&[sheet]), Some(NonCsvFormat::OpenDocument));
        assert_eq!(
            of(&["Index/Document.iwa", "Index/Tables/DataList.iwa"]),
            Some(NonCsvFormat::Numbers)
        );
        assert_eq!(of(&["users.csv"]), Some(NonCsvFormat::Zip));
    }

    #[test]
    fn text_that_is_not_csv_is_recognised_by_its_beginning() {
        let of = |text: &str| NonCsvFormat::of_text(text.as_bytes());
        assert_eq!(of("\n<!DOCTYPE html><p>Sign in"), Some(NonCsvFormat::Html));
        assert_eq!(of("<?xml version=\"1.0\"?>"), Some(NonCsvFormat::Xml));
        assert_eq!(of("{\"id\": 1}"), Some(NonCsvFormat::Json));
        assert_eq!(of("{\n  \"id\": 1\n}"), Some(NonCsvFormat::Json));
        assert_eq!(of("[{\"id\": 1},\n{\"id\": 2}]"), Some(NonCsvFormat::Json));
        assert_eq!(of("{\"id\": 1}\n{\"id\": 2}\n"), Some(NonCsvFormat::JsonLines));
        assert_eq!(
            of("version https://git-lfs.github.com/spec/v1\n"),
            Some(NonCsvFormat::GitLfsPointer)
        );
        assert_eq!(of("[id],[name]\n1,2\n"), None);
        assert_eq!(of("{id},name\n1,2\n"), None);
        assert_eq!(of("<id>,name\n1,2\n"), None);
        assert_eq!(of("version,id\n1,2\n"), None);
    }

    #[test]
    fn a_header_may_begin_like_a_magic_number() {
        assert_eq!(NonCsvFormat::of_bytes(b"PAR1,PAR2\n1,2\n"), None);
        assert_eq!(NonCsvFormat::of_bytes(b"id,name,DUCK\n1,2,3\n"), None);
        assert_eq!(
            NonCsvFormat::of_bytes(b"PAR1\x15\x04\x15"),
            Some(NonCsvFormat::Columnar("Parquet"))
        );
    }

    #[test]
    fn single_control_characters_do_not_make_a_file_binary() {
        assert!(!NonCsvFormat::is_binary(b"a,b\n\0,1\n"));
        assert!(NonCsvFormat::is_binary(b"\x7fELF\0\0\0\0\x01\x02"));
    }

    #[test]
    fn each_database_has_its_own_hint() {
        for (bytes, way) in [
            (&b"SQLite format 3\0\0"[..], "sqlite3 -csv"),
            (b"\0\0\0\0\0\0\0\0DUCK\0", "duckdb FILE"),
            (b"PGDMP\x01\x0e\0", "pg_restore"),
            (b"\0\x01\0\0Standard ACE DB\0", "in Access"),
        ] {
            let kind = NonCsvFormat::of_bytes(bytes).unwrap();
            assert!(kind.way().contains(way), "{kind:?} {}", kind.way());
        }
    }
}
