//! Hashes of strings and files, and what else is called cryptography.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

use super::{Call, FunctionError, Outcome, encoding, filesystem};
use crate::value::{Cause, Causes, Type, Value};

/// A digest of bytes, as text.
type Hash = fn(&[u8]) -> String;

fn hexadecimal<D: Digest>(bytes: &[u8]) -> String {
    lower_hexadecimal(&D::digest(bytes))
}

fn lower_hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn base64_of<D: Digest>(bytes: &[u8]) -> String {
    STANDARD.encode(D::digest(bytes))
}

fn of_text(call: &Call<'_>, hash: Hash) -> Outcome {
    Ok(Value::string(hash(call.text(0).as_bytes())))
}

fn of_file(call: &Call<'_>, hash: Hash) -> Outcome {
    match filesystem::content(call)? {
        Ok(bytes) => Ok(Value::string(hash(&bytes))),
        Err(unknown) => Ok(unknown),
    }
}

pub(super) fn md5(call: &Call<'_>) -> Outcome {
    of_text(call, hexadecimal::<Md5>)
}

pub(super) fn sha1(call: &Call<'_>) -> Outcome {
    of_text(call, hexadecimal::<Sha1>)
}

pub(super) fn sha256(call: &Call<'_>) -> Outcome {
    of_text(call, hexadecimal::<Sha256>)
}

pub(super) fn sha512(call: &Call<'_>) -> Outcome {
    of_text(call, hexadecimal::<Sha512>)
}

pub(super) fn base64sha256(call: &Call<'_>) -> Outcome {
    of_text(call, base64_of::<Sha256>)
}

pub(super) fn base64sha512(call: &Call<'_>) -> Outcome {
    of_text(call, base64_of::<Sha512>)
}

pub(super) fn filemd5(call: &Call<'_>) -> Outcome {
    of_file(call, hexadecimal::<Md5>)
}

pub(super) fn filesha1(call: &Call<'_>) -> Outcome {
    of_file(call, hexadecimal::<Sha1>)
}

pub(super) fn filesha256(call: &Call<'_>) -> Outcome {
    of_file(call, hexadecimal::<Sha256>)
}

pub(super) fn filesha512(call: &Call<'_>) -> Outcome {
    of_file(call, hexadecimal::<Sha512>)
}

pub(super) fn filebase64sha256(call: &Call<'_>) -> Outcome {
    of_file(call, base64_of::<Sha256>)
}

pub(super) fn filebase64sha512(call: &Call<'_>) -> Outcome {
    of_file(call, base64_of::<Sha512>)
}

/// A salt makes each result another; what is refused is refused all the same.
pub(super) fn bcrypt(call: &Call<'_>) -> Outcome {
    const COSTS: std::ops::RangeInclusive<i64> = 4..=31;
    const LONGEST: usize = 72;
    if call.args.len() > 2 {
        return Err(FunctionError::new(
            "bcrypt() takes no more than two arguments",
        ));
    }
    let failed =
        |reason: &str| FunctionError::new(format!("error occured generating password {reason}"));
    if call.text(0).len() > LONGEST {
        return Err(failed("bcrypt: password length exceeds 72 bytes"));
    }
    // A cost below the least one means the default one.
    if call.args.len() == 2 {
        let cost = call.integer(1)?;
        if cost > *COSTS.end() {
            return Err(failed(&format!(
                "crypto/bcrypt: cost {cost} is outside allowed inclusive range {}..{}",
                COSTS.start(),
                COSTS.end()
            )));
        }
    }
    impure("bcrypt")
}

pub(super) fn uuid(_: &Call<'_>) -> Outcome {
    impure("uuid")
}

/// A result that nobody can foresee.
pub(super) fn impure(function: &str) -> Outcome {
    let cause = Cause::Impure {
        function: function.into(),
    };
    Ok(Value::unknown(Type::String, Causes::one(cause)))
}

pub(super) fn uuidv5(call: &Call<'_>) -> Outcome {
    let namespace = match call.text(0) {
        "dns" => Ok(well_known(0x10)),
        "url" => Ok(well_known(0x11)),
        "oid" => Ok(well_known(0x12)),
        "x500" => Ok(well_known(0x14)),
        other => parse_uuid(other),
    };
    let namespace = namespace.map_err(|problem| {
        let text = call.text(0);
        FunctionError::new(format!(
            "uuidv5() doesn't support namespace {text} ({problem})"
        ))
    })?;
    let mut bytes = [0; 16];
    let digest = Sha1::new()
        .chain_update(namespace)
        .chain_update(call.text(1))
        .finalize();
    bytes.copy_from_slice(&digest[..16]);
    bytes[6] = (bytes[6] & 0x0F) | 0x50;
    bytes[8] = (bytes[8] & 0x3F) | 0x80;
    let mut text = lower_hexadecimal(&bytes);
    for dash in [20, 16, 12, 8] {
        text.insert(dash, '-');
    }
    Ok(Value::string(text))
}

/// The namespaces of RFC 9562 differ in one byte.
fn well_known(last: u8) -> [u8; 16] {
    [
        0x6b, 0xa7, 0xb8, last, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30,
        0xc8,
    ]
}

/// With dashes, without, in braces, or as a URN.
fn parse_uuid(text: &str) -> Result<[u8; 16], String> {
    let inner = match text.len() {
        36 | 32 => text,
        45 => match text.get(..9) {
            Some(prefix) if prefix.eq_ignore_ascii_case("urn:uuid:") => &text[9..],
            _ => {
                return Err(format!(
                    "invalid urn prefix: {}",
                    crate::value::quote(text.get(..9).unwrap_or(text))
                ));
            }
        },
        38 => text.get(1..37).ok_or("invalid UUID format")?,
        length => return Err(format!("invalid UUID length: {length}")),
    };
    let invalid = || "invalid UUID format".to_owned();
    let mut digits = Vec::with_capacity(32);
    for (at, byte) in inner.bytes().enumerate() {
        if inner.len() == 36 && [8, 13, 18, 23].contains(&at) {
            if byte != b'-' {
                return Err(invalid());
            }
            continue;
        }
        let digit = char::from(byte).to_digit(16).ok_or_else(invalid)?;
        digits.push(u8::try_from(digit).expect("a digit"));
    }
    let mut bytes = [0; 16];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
        *byte = pair[0] << 4 | pair[1];
    }
    Ok(bytes)
}

/// Decrypting takes a private key, which has no place in a configuration: only what is wrong at sight is refused.
pub(super) fn rsadecrypt(call: &Call<'_>) -> Outcome {
    let text = call.text(0);
    if encoding::decode_base64(text).is_err() {
        return Err(FunctionError::at(
            0,
            format!(
                "failed to decode input {}: cipher text must be base64-encoded",
                crate::value::quote(text)
            ),
        ));
    }
    check_private_key(call.text(1)).map_err(|problem| FunctionError::at(1, problem))?;
    let what = "`rsadecrypt`".into();
    let causes = Causes::one(Cause::Unsupported { what });
    Ok(Value::unknown(Type::String, causes))
}

/// Refuses what is no private key in PEM form.
fn check_private_key(text: &str) -> Result<(), String> {
    const KINDS: &[&str] = &["RSA", "EC", "DSA", "OPENSSH", ""];
    let missing = || "invalid private key: ssh: no key found".to_owned();
    let (_, rest) = text.split_once("-----BEGIN ").ok_or_else(missing)?;
    let (kind, rest) = rest.split_once("-----").ok_or_else(missing)?;
    let (body, _) = rest.split_once("-----END ").ok_or_else(missing)?;
    let family = kind.strip_suffix("PRIVATE KEY").map(str::trim_end);
    if !family.is_some_and(|family| KINDS.contains(&family)) {
        let kind = crate::value::quote(kind);
        return Err(format!(
            "invalid private key: ssh: unsupported key type {kind}"
        ));
    }
    let body: String = body.split_whitespace().collect();
    let bytes = encoding::decode_base64(&body).map_err(|_| missing())?;
    // All but OpenSSH's own form are a sequence in DER.
    let sequence = bytes.first() == Some(&0x30) || family == Some("OPENSSH");
    if !sequence || bytes.len() < 16 {
        return Err("invalid ASN1 data in the given private key".to_owned());
    }
    Ok(())
}
