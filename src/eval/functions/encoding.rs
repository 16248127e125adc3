//! Base64, other character encodings, and URLs.

use std::fmt::Write as _;
use std::io::Read as _;

use base64::alphabet::STANDARD as ALPHABET;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use base64::{DecodeError, Engine as _};
use encoding_rs::Encoding;

use super::{Call, FunctionError, Outcome, mark, string};
use crate::gzip::{self, Ending};
use crate::value::{Cause, Causes, Type, Value, quote};

/// As Go decodes: padding is required, bits beyond the end are ignored, and so are line breaks.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &ALPHABET,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
);

/// The bytes, or the offset of the first wrong character.
pub(super) fn decode_base64(text: &str) -> Result<Vec<u8>, usize> {
    let bare: String;
    let stripped = if text.contains(['\r', '\n']) {
        bare = text.replace(['\r', '\n'], "");
        &bare
    } else {
        text
    };
    LENIENT.decode(stripped).map_err(|error| match error {
        DecodeError::InvalidByte(at, _) | DecodeError::InvalidLastSymbol { offset: at, .. } => at,
        DecodeError::InvalidLength(_) | DecodeError::InvalidPadding => stripped.len() / 4 * 4,
    })
}

pub(super) fn base64encode(call: &Call<'_>) -> Outcome {
    Ok(Value::string(STANDARD.encode(call.text(0))))
}

pub(super) fn base64decode(call: &Call<'_>) -> Outcome {
    let (value, marks) = call.arg(0).clone().unmark();
    let Some(text) = value.as_str() else {
        return Ok(call.unknown().with_marks(&marks));
    };
    let Ok(bytes) = decode_base64(text) else {
        return Err(FunctionError::new(format!(
            "failed to decode base64 data {}",
            mark::shown(text, &marks)
        )));
    };
    let decoded = String::from_utf8(bytes).map_err(|_| {
        FunctionError::new("the result of decoding the provided string is not valid UTF-8")
    })?;
    Ok(Value::text(&decoded).with_marks(&marks))
}

pub(super) fn base64gzip(call: &Call<'_>) -> Outcome {
    let packed = gzip::compress(call.text(0).as_bytes(), Ending::Flushed);
    Ok(Value::string(STANDARD.encode(packed)))
}

/// OpenTofu's.
pub(super) fn base64gunzip(call: &Call<'_>) -> Outcome {
    let (value, marks) = call.arg(0).clone().unmark();
    let text = value.as_str().unwrap_or_default();
    let Ok(bytes) = decode_base64(text) else {
        return Err(FunctionError::new(format!(
            "failed to decode base64 data {}",
            mark::shown(text, &marks)
        )));
    };
    let mut unpacked = Vec::new();
    let longest = u64::try_from(string::LONGEST).unwrap_or(u64::MAX);
    flate2::read::MultiGzDecoder::new(bytes.as_slice())
        .take(longest + 1)
        .read_to_end(&mut unpacked)
        .map_err(|error| FunctionError::new(format!("failed to gunzip bytestream: {error}")))?;
    string::check_length(unpacked.len())?;
    let text = String::from_utf8_lossy(&unpacked);
    Ok(Value::text(&text).with_marks(&marks))
}

pub(super) fn urlencode(call: &Call<'_>) -> Outcome {
    let mut out = String::new();
    for byte in call.text(0).bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(char::from(byte));
            }
            b' ' => out.push('+'),
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    string::result(&out)
}

/// OpenTofu's.
pub(super) fn urldecode(call: &Call<'_>) -> Outcome {
    let text = call.text(0);
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
                let escape = text.len() - rest.len() - 1;
                let code = digit(rest.next()).zip(digit(rest.next()));
                let Some((high, low)) = code else {
                    let shown: String = text[escape..].chars().take(3).collect();
                    return Err(FunctionError::new(format!(
                        "failed to decode URL '': invalid URL escape {}",
                        quote(&shown)
                    )));
                };
                bytes.push(u8::try_from(high * 16 + low).expect("two digits"));
            }
            other => bytes.push(other),
        }
    }
    string::result(&String::from_utf8_lossy(&bytes))
}

/// How characters become bytes.
#[derive(Clone, Copy)]
enum Codec {
    Utf8,
    Ascii,
    Latin1,
    Utf16 { big_endian: bool, mark: bool },
    Table(&'static Encoding),
}

pub(super) fn textencodebase64(call: &Call<'_>) -> Outcome {
    let (name, codec) = codec(call.text(1))?;
    let Some(codec) = codec else {
        return Ok(unsupported(name));
    };
    let text = call.text(0);
    let bytes = codec.encode(text).ok_or_else(|| {
        FunctionError::at(
            0,
            format!("the given string contains characters that cannot be represented in {name}"),
        )
    })?;
    Ok(Value::string(STANDARD.encode(bytes)))
}

pub(super) fn textdecodebase64(call: &Call<'_>) -> Outcome {
    let (name, codec) = codec(call.text(1))?;
    let bytes = decode_base64(call.text(0)).map_err(|at| {
        FunctionError::at(
            0,
            format!("the given value is has an invalid base64 symbol at offset {at}"),
        )
    })?;
    let Some(codec) = codec else {
        return Ok(unsupported(name));
    };
    match codec.decode(&bytes) {
        Some(text) if !text.contains('\u{FFFD}') => string::result(&text),
        _ => Err(FunctionError::at(
            0,
            format!("the given string contains symbols that are not defined for {name}"),
        )),
    }
}

fn unsupported(name: &str) -> Value {
    let what = format!("the encoding {name}").into();
    Value::unknown(Type::String, Causes::one(Cause::Unsupported { what }))
}

/// An encoding by a name or alias that the IANA has registered, with its main name.
fn codec(asked: &str) -> Result<(&'static str, Option<Codec>), FunctionError> {
    let folded = asked.to_ascii_lowercase();
    let found = ENCODINGS
        .iter()
        .find(|(name, aliases, _)| {
            name.eq_ignore_ascii_case(asked) || aliases.contains(&folded.as_str())
        })
        .map(|(name, _, label)| (*name, *label));
    let Some((name, label)) = found else {
        return Err(FunctionError::at(
            1,
            format!(
                "{} is not a supported IANA encoding name or alias in this Terraform version",
                quote(asked)
            ),
        ));
    };
    let codec = match label {
        "utf-8" => Some(Codec::Utf8),
        "ascii" => Some(Codec::Ascii),
        "latin1" => Some(Codec::Latin1),
        "utf-16" => Some(Codec::Utf16 {
            big_endian: true,
            mark: true,
        }),
        "utf-16be" => Some(Codec::Utf16 {
            big_endian: true,
            mark: false,
        }),
        "utf-16le" => Some(Codec::Utf16 {
            big_endian: false,
            mark: false,
        }),
        "" => None,
        label => Encoding::for_label(label.as_bytes()).map(Codec::Table),
    };
    Ok((name, codec))
}

impl Codec {
    fn encode(self, text: &str) -> Option<Vec<u8>> {
        match self {
            Self::Utf8 => Some(text.as_bytes().to_vec()),
            Self::Ascii => text.is_ascii().then(|| text.as_bytes().to_vec()),
            Self::Latin1 => text
                .chars()
                .map(|c| u8::try_from(u32::from(c)).ok())
                .collect(),
            Self::Utf16 { big_endian, mark } => {
                let bom = mark.then_some(0xFEFF);
                let units = bom.into_iter().chain(text.encode_utf16());
                let bytes = units.flat_map(|unit| {
                    if big_endian {
                        unit.to_be_bytes()
                    } else {
                        unit.to_le_bytes()
                    }
                });
                Some(bytes.collect())
            }
            Self::Table(table) => {
                let (bytes, _, lost) = table.encode(text);
                (!lost).then(|| bytes.into_owned())
            }
        }
    }

    fn decode(self, bytes: &[u8]) -> Option<String> {
        match self {
            Self::Utf8 => String::from_utf8(bytes.to_vec()).ok(),
            Self::Ascii => {
                let ascii = bytes.is_ascii();
                ascii.then(|| bytes.iter().copied().map(char::from).collect())
            }
            Self::Latin1 => Some(bytes.iter().copied().map(char::from).collect()),
            Self::Utf16 { big_endian, mark } => {
                let (big_endian, bytes) = match bytes {
                    [0xFE, 0xFF, rest @ ..] if mark => (true, rest),
                    [0xFF, 0xFE, rest @ ..] if mark => (false, rest),
                    _ if mark => return None,
                    _ => (big_endian, bytes),
                };
                if bytes.len() % 2 == 1 {
                    return None;
                }
                let units = bytes.chunks_exact(2).map(|pair| {
                    let pair = [pair[0], pair[1]];
                    if big_endian {
                        u16::from_be_bytes(pair)
                    } else {
                        u16::from_le_bytes(pair)
                    }
                });
                char::decode_utf16(units).collect::<Result<_, _>>().ok()
            }
            Self::Table(table) => {
                let text = table.decode_without_bom_handling_and_without_replacement(bytes)?;
                // The web decodes what Windows left undefined as control characters; Go does not.
                let undefined = |character| ('\u{80}'..='\u{9f}').contains(&character);
                let windows = table.name().starts_with("windows-");
                (!windows || !text.contains(undefined)).then(|| text.into_owned())
            }
        }
    }
}

/// Main name, aliases in lower case, and the label of the table; without label it is known and not supported here.
type Registered = (&'static str, &'static [&'static str], &'static str);

const ENCODINGS: &[Registered] = &[
    ("UTF-8", &["csutf8"], "utf-8"),
    ("UTF-16", &["csutf16"], "utf-16"),
    ("UTF-16BE", &["csutf16be"], "utf-16be"),
    ("UTF-16LE", &["csutf16le"], "utf-16le"),
    (
        "US-ASCII",
        &[
            "us",
            "iso-ir-6",
            "ansi_x3.4-1968",
            "ansi_x3.4-1986",
            "iso_646.irv:1991",
            "iso646-us",
            "ibm367",
            "cp367",
            "csascii",
        ],
        "ascii",
    ),
    (
        "ISO_8859-1:1987",
        &[
            "iso-ir-100",
            "iso-8859-1",
            "iso_8859-1",
            "latin1",
            "l1",
            "ibm819",
            "cp819",
            "csisolatin1",
        ],
        "latin1",
    ),
    (
        "ISO_8859-2:1987",
        &[
            "iso-ir-101",
            "iso-8859-2",
            "iso_8859-2",
            "latin2",
            "l2",
            "csisolatin2",
        ],
        "iso-8859-2",
    ),
    (
        "ISO_8859-3:1988",
        &[
            "iso-ir-109",
            "iso-8859-3",
            "iso_8859-3",
            "latin3",
            "l3",
            "csisolatin3",
        ],
        "iso-8859-3",
    ),
    (
        "ISO_8859-4:1988",
        &[
            "iso-ir-110",
            "iso-8859-4",
            "iso_8859-4",
            "latin4",
            "l4",
            "csisolatin4",
        ],
        "iso-8859-4",
    ),
    (
        "ISO_8859-5:1988",
        &[
            "iso-ir-144",
            "iso-8859-5",
            "iso_8859-5",
            "cyrillic",
            "csisolatincyrillic",
        ],
        "iso-8859-5",
    ),
    (
        "ISO_8859-6:1987",
        &[
            "iso-ir-127",
            "iso-8859-6",
            "iso_8859-6",
            "ecma-114",
            "asmo-708",
            "arabic",
            "csisolatinarabic",
        ],
        "iso-8859-6",
    ),
    (
        "ISO_8859-7:1987",
        &[
            "iso-ir-126",
            "iso-8859-7",
            "iso_8859-7",
            "elot_928",
            "ecma-118",
            "greek",
            "greek8",
            "csisolatingreek",
        ],
        "iso-8859-7",
    ),
    (
        "ISO_8859-8:1988",
        &[
            "iso-ir-138",
            "iso-8859-8",
            "iso_8859-8",
            "hebrew",
            "csisolatinhebrew",
        ],
        "iso-8859-8",
    ),
    (
        "ISO_8859-9:1989",
        &[
            "iso-ir-148",
            "iso-8859-9",
            "iso_8859-9",
            "latin5",
            "l5",
            "csisolatin5",
        ],
        "",
    ),
    (
        "ISO-8859-10",
        &[
            "iso-ir-157",
            "l6",
            "iso_8859-10:1992",
            "csisolatin6",
            "latin6",
        ],
        "iso-8859-10",
    ),
    ("ISO-8859-13", &["csiso885913"], "iso-8859-13"),
    (
        "ISO-8859-14",
        &[
            "iso-ir-199",
            "iso_8859-14:1998",
            "iso_8859-14",
            "latin8",
            "iso-celtic",
            "l8",
            "csiso885914",
        ],
        "iso-8859-14",
    ),
    (
        "ISO-8859-15",
        &["iso_8859-15", "latin-9", "csiso885915"],
        "iso-8859-15",
    ),
    (
        "ISO-8859-16",
        &[
            "iso-ir-226",
            "iso_8859-16:2001",
            "iso_8859-16",
            "latin10",
            "l10",
            "csiso885916",
        ],
        "iso-8859-16",
    ),
    ("windows-874", &["cswindows874"], "windows-874"),
    ("windows-1250", &["cswindows1250"], "windows-1250"),
    ("windows-1251", &["cswindows1251"], "windows-1251"),
    ("windows-1252", &["cswindows1252"], "windows-1252"),
    ("windows-1253", &["cswindows1253"], "windows-1253"),
    ("windows-1254", &["cswindows1254"], "windows-1254"),
    ("windows-1255", &["cswindows1255"], "windows-1255"),
    ("windows-1256", &["cswindows1256"], "windows-1256"),
    ("windows-1257", &["cswindows1257"], "windows-1257"),
    ("windows-1258", &["cswindows1258"], "windows-1258"),
    ("macintosh", &["mac", "csmacintosh"], "macintosh"),
    ("IBM866", &["cp866", "866", "csibm866"], "ibm866"),
    (
        "IBM037",
        &[
            "cp037",
            "ebcdic-cp-us",
            "ebcdic-cp-ca",
            "ebcdic-cp-wt",
            "ebcdic-cp-nl",
            "csibm037",
        ],
        "",
    ),
    ("IBM437", &["cp437", "437", "cspc8codepage437"], ""),
    ("IBM850", &["cp850", "850", "cspc850multilingual"], ""),
    ("IBM852", &["cp852", "852", "cspcp852"], ""),
    ("IBM855", &["cp855", "855", "csibm855"], ""),
    ("IBM860", &["cp860", "860", "csibm860"], ""),
    ("IBM862", &["cp862", "862", "cspc862latinhebrew"], ""),
    ("IBM863", &["cp863", "863", "csibm863"], ""),
    ("IBM865", &["cp865", "865", "csibm865"], ""),
    (
        "IBM00858",
        &[
            "ccsid00858",
            "cp00858",
            "pc-multilingual-850+euro",
            "csibm00858",
        ],
        "",
    ),
    (
        "IBM01140",
        &["ccsid01140", "cp01140", "ebcdic-us-37+euro", "csibm01140"],
        "",
    ),
    ("IBM1047", &["ibm-1047", "csibm1047"], ""),
    ("KOI8-R", &["cskoi8r"], "koi8-r"),
    ("KOI8-U", &["cskoi8u"], "koi8-u"),
    ("Shift_JIS", &["ms_kanji", "csshiftjis"], "shift_jis"),
    (
        "Extended_UNIX_Code_Packed_Format_for_Japanese",
        &["euc-jp", "cseucpkdfmtjapanese"],
        "euc-jp",
    ),
    ("ISO-2022-JP", &["csiso2022jp"], "iso-2022-jp"),
    ("EUC-KR", &["cseuckr"], "euc-kr"),
    ("Big5", &["csbig5"], "big5"),
    ("GBK", &["cp936", "ms936", "windows-936", "csgbk"], "gbk"),
    ("GB18030", &["csgb18030"], "gb18030"),
    ("HZ-GB-2312", &[], ""),
];
