//! Every function, with its parameters and what its parameters can deal with.
//!
//! Terraform's up to 1.14 and OpenTofu's additions, in alphabetical order. `type` is the console's alone.

use super::Returns::{Always, Of};
use super::{
    Call, Family, Function, FunctionError, Kind, Outcome, Param, PlacesOf, Returns, Run, ShapeOf,
    assume, collection, conversion, csv, date, encoding, filesystem, format, hash, ip, json, mark,
    numeric, pattern, set, string, terraform, yaml,
};

/// A function by the name that it is called by; `core::upper` is `upper`.
pub fn lookup(name: &str) -> Option<&'static Function> {
    let name = name.strip_prefix("core::").unwrap_or(name);
    FUNCTIONS
        .binary_search_by(|function| function.name.cmp(name))
        .ok()
        .map(|at| &FUNCTIONS[at])
}

/// All names, in alphabetical order.
pub fn names() -> impl Iterator<Item = &'static str> {
    FUNCTIONS.iter().map(|function| function.name)
}

/// The name that was meant, if one is near.
pub fn suggest(name: &str) -> Option<&'static str> {
    const FARTHEST: usize = 2;
    let name = name.strip_prefix("core::").unwrap_or(name);
    names()
        .map(|known| (strsim::damerau_levenshtein(name, known), known))
        .filter(|(distance, known)| *distance <= FARTHEST && *distance < known.len())
        .min()
        .map(|(_, known)| known)
}

/// `try` and `can` get here only where their arguments were evaluated already, which is not how they work.
fn lazy(_: &Call<'_>) -> Outcome {
    Err(FunctionError::new(
        "its arguments must not be evaluated before the call",
    ))
}

const fn function(
    name: &'static str,
    params: &'static [Param],
    returns: Returns,
    run: Run,
) -> Function {
    Function {
        name,
        params,
        variadic: None,
        family: Family::Pure,
        returns,
        run,
        never_null: false,
        reveals: true,
        shape: None,
        places: None,
    }
}

impl Function {
    /// Takes any number of further arguments.
    const fn variadic(mut self, param: Param) -> Self {
        self.variadic = Some(param);
        self
    }

    /// Its result is never null, known or not.
    const fn never_null(mut self) -> Self {
        self.never_null = true;
        self
    }

    /// Its result says so little of its arguments that it is no secret though they are.
    const fn reveals_nothing(mut self) -> Self {
        self.reveals = false;
        self
    }

    const fn of_family(mut self, family: Family) -> Self {
        self.family = family;
        self
    }

    /// What rules can see of an unknown result.
    const fn shaped(mut self, shape: ShapeOf) -> Self {
        self.shape = Some(shape);
        self
    }

    /// Where secrets stand in an unknown result, marks of whole arguments aside.
    const fn places(mut self, places: PlacesOf) -> Self {
        self.places = Some(places);
        self
    }
}

impl Param {
    const fn new(name: &'static str, kind: Kind) -> Self {
        Self {
            name,
            kind,
            null: false,
            unknown: false,
            dynamic: false,
            marked: false,
            sourced: false,
        }
    }

    /// May be null.
    const fn null(mut self) -> Self {
        self.null = true;
        self
    }

    /// May be unknown: the function decides what comes of it.
    const fn unknown(mut self) -> Self {
        self.unknown = true;
        self
    }

    /// May be of a type that is not known yet.
    const fn dynamic(mut self) -> Self {
        self.dynamic = true;
        self
    }

    /// Keeps its marks: the function puts them where they belong.
    const fn marked(mut self) -> Self {
        self.marked = true;
        self
    }

    /// Keeps the marks of secret sources, and only these: the function puts them where they belong.
    const fn sourced(mut self) -> Self {
        self.sourced = true;
        self
    }

    const fn anything(self) -> Self {
        self.null().unknown().dynamic().marked()
    }
}

const fn any(name: &'static str) -> Param {
    Param::new(name, Kind::Any)
}

const fn string(name: &'static str) -> Param {
    Param::new(name, Kind::String)
}

const fn number(name: &'static str) -> Param {
    Param::new(name, Kind::Number)
}

const fn list(name: &'static str) -> Param {
    Param::new(name, Kind::List)
}

const fn bools(name: &'static str) -> Param {
    Param::new(name, Kind::BoolList)
}

const fn strings(name: &'static str) -> Param {
    Param::new(name, Kind::StringList)
}

const fn set(name: &'static str) -> Param {
    Param::new(name, Kind::Set)
}

const fn map(name: &'static str) -> Param {
    Param::new(name, Kind::Map)
}

const fn string_lists(name: &'static str) -> Param {
    Param::new(name, Kind::ListMap)
}

#[rustfmt::skip]
static FUNCTIONS: &[Function] = &[
    function("abs", &[number("num").dynamic().marked()], Always(Kind::Number), numeric::abs).never_null(),
    function("abspath", &[string("path")], Always(Kind::String), filesystem::abspath).never_null(),
    function("alltrue", &[bools("list")], Always(Kind::Bool), collection::alltrue).never_null().reveals_nothing(),
    function("anytrue", &[bools("list")], Always(Kind::Bool), collection::anytrue).never_null().reveals_nothing(),
    function("assumeequal", &[any("actual_value").anything(), any("expected_value").anything()], Of(assume::second_type), assume::assumeequal),
    function("assumelistlength", &[list("value").null().unknown().dynamic(), number("min_length"), number("max_length")], Of(assume::first_type), assume::length_between),
    function("assumelistlengthmax", &[list("value").null().unknown().dynamic(), number("max_length")], Of(assume::first_type), assume::length_at_most),
    function("assumelistlengthmin", &[list("value").null().unknown().dynamic(), number("min_length")], Of(assume::first_type), assume::length_at_least),
    function("assumemaplength", &[map("value").null().unknown().dynamic(), number("min_length"), number("max_length")], Of(assume::first_type), assume::length_between),
    function("assumemaplengthmax", &[map("value").null().unknown().dynamic(), number("max_length")], Of(assume::first_type), assume::length_at_most),
    function("assumemaplengthmin", &[map("value").null().unknown().dynamic(), number("min_length")], Of(assume::first_type), assume::length_at_least),
    function("assumenotnull", &[any("value").null().unknown().dynamic()], Of(assume::first_type), assume::assumenotnull),
    function("assumesetlength", &[set("value").null().unknown().dynamic(), number("min_length"), number("max_length")], Of(assume::first_type), assume::length_between),
    function("assumesetlengthmax", &[set("value").null().unknown().dynamic(), number("max_length")], Of(assume::first_type), assume::length_at_most),
    function("assumesetlengthmin", &[set("value").null().unknown().dynamic(), number("min_length")], Of(assume::first_type), assume::length_at_least),
    function("assumestringprefix", &[string("value").null().unknown().dynamic(), string("prefix")], Always(Kind::String), assume::assumestringprefix),
    function("base64decode", &[string("str").unknown().marked()], Always(Kind::String), encoding::base64decode).never_null(),
    function("base64encode", &[string("str")], Always(Kind::String), encoding::base64encode).never_null(),
    function("base64gunzip", &[string("str").marked()], Always(Kind::String), encoding::base64gunzip).never_null(),
    function("base64gzip", &[string("str")], Always(Kind::String), encoding::base64gzip).never_null(),
    function("base64sha256", &[string("str")], Always(Kind::String), hash::base64sha256).never_null(),
    function("base64sha512", &[string("str")], Always(Kind::String), hash::base64sha512).never_null(),
    function("basename", &[string("path")], Always(Kind::String), filesystem::basename).never_null(),
    function("bcrypt", &[string("str")], Always(Kind::String), hash::bcrypt).variadic(number("cost")).never_null().of_family(Family::Impure),
    function("can", &[any("expression").anything()], Always(Kind::Bool), lazy).of_family(Family::Lazy),
    function("ceil", &[number("num")], Always(Kind::Number), numeric::ceil).never_null(),
    function("chomp", &[string("str")], Always(Kind::String), string::chomp).never_null().shaped(string::trimmed_shape),
    function("chunklist", &[list("list").marked(), number("size").marked()], Of(collection::chunklist_type), collection::chunklist).never_null(),
    function("cidrcontains", &[string("containing_prefix"), string("contained_ip_or_prefix")], Always(Kind::Bool), ip::cidrcontains).never_null().reveals_nothing(),
    function("cidrhost", &[string("prefix"), number("hostnum")], Always(Kind::String), ip::cidrhost).never_null(),
    function("cidrnetmask", &[string("prefix")], Always(Kind::String), ip::cidrnetmask).never_null(),
    function("cidrsubnet", &[string("prefix"), number("newbits"), number("netnum")], Always(Kind::String), ip::cidrsubnet).never_null(),
    function("cidrsubnets", &[string("prefix")], Always(Kind::StringList), ip::cidrsubnets).variadic(number("newbits")).never_null(),
    function("coalesce", &[], Of(collection::coalesce_type), collection::coalesce).variadic(any("vals").null().unknown().dynamic().sourced()).never_null(),
    function("coalescelist", &[], Of(collection::coalescelist_type), collection::coalescelist).variadic(any("vals").null().unknown().dynamic().sourced()).never_null(),
    function("compact", &[strings("list")], Always(Kind::StringList), collection::compact).never_null(),
    function("concat", &[], Of(collection::concat_type), collection::concat).variadic(any("seqs").marked()).never_null(),
    function("contains", &[any("list"), any("value")], Always(Kind::Bool), collection::contains).never_null().reveals_nothing(),
    function("csvdecode", &[string("str")], Of(csv::csvdecode_type), csv::csvdecode).never_null(),
    function("dirname", &[string("path")], Always(Kind::String), filesystem::dirname).never_null(),
    function("distinct", &[list("list")], Of(collection::first_type), collection::distinct).never_null(),
    function("element", &[any("list").marked(), number("index")], Of(collection::element_type), collection::element).places(collection::element_places),
    function("endswith", &[string("str"), string("suffix")], Always(Kind::Bool), string::endswith).never_null().reveals_nothing(),
    function("ephemeralasnull", &[any("value").anything()], Of(collection::first_type), mark::ephemeralasnull),
    function("file", &[string("path").unknown().marked()], Always(Kind::String), filesystem::file).never_null().of_family(Family::Filesystem),
    function("filebase64", &[string("path").unknown().marked()], Always(Kind::String), filesystem::filebase64).never_null().of_family(Family::Filesystem),
    function("filebase64sha256", &[string("path")], Always(Kind::String), hash::filebase64sha256).never_null().of_family(Family::Filesystem),
    function("filebase64sha512", &[string("path")], Always(Kind::String), hash::filebase64sha512).never_null().of_family(Family::Filesystem),
    function("fileexists", &[string("path").unknown().marked()], Always(Kind::Bool), filesystem::fileexists).never_null().of_family(Family::Filesystem).reveals_nothing(),
    function("filemd5", &[string("path")], Always(Kind::String), hash::filemd5).never_null().of_family(Family::Filesystem),
    function("fileset", &[string("path").unknown().marked(), string("pattern").unknown().marked()], Always(Kind::StringSet), filesystem::fileset).never_null().of_family(Family::Filesystem),
    function("filesha1", &[string("path")], Always(Kind::String), hash::filesha1).never_null().of_family(Family::Filesystem),
    function("filesha256", &[string("path")], Always(Kind::String), hash::filesha256).never_null().of_family(Family::Filesystem),
    function("filesha512", &[string("path")], Always(Kind::String), hash::filesha512).never_null().of_family(Family::Filesystem),
    function("flatten", &[any("list").marked()], Of(collection::flatten_type), collection::flatten).never_null(),
    function("floor", &[number("num")], Always(Kind::Number), numeric::floor).never_null(),
    function("format", &[string("format")], Always(Kind::String), format::format).variadic(any("args").null().unknown()).never_null().shaped(format::format_shape),
    function("formatdate", &[string("format"), string("time")], Always(Kind::String), date::formatdate).never_null(),
    function("formatlist", &[string("format")], Always(Kind::StringList), format::formatlist).variadic(any("args").null().unknown()).never_null(),
    function("indent", &[number("spaces"), string("str")], Always(Kind::String), string::indent).never_null(),
    function("index", &[any("list"), any("value")], Always(Kind::Number), collection::index).never_null(),
    function("issensitive", &[any("value").anything()], Always(Kind::Bool), mark::issensitive).reveals_nothing(),
    function("join", &[string("separator")], Always(Kind::String), string::join).variadic(strings("lists")).never_null().shaped(string::join_shape),
    function("jsondecode", &[string("str")], Of(json::jsondecode_type), json::jsondecode).shaped(json::jsondecode_shape),
    function("jsonencode", &[any("val").null().unknown().dynamic()], Always(Kind::String), json::jsonencode).never_null().shaped(json::jsonencode_shape),
    function("keys", &[any("inputMap").unknown().marked()], Of(collection::keys_type), collection::keys).never_null().places(collection::keys_places),
    function("length", &[any("value").dynamic().unknown().marked()], Of(collection::length_type), collection::length).never_null().reveals_nothing(),
    function("list", &[], Always(Kind::Any), collection::list).variadic(any("vals").null().unknown().dynamic()),
    function("log", &[number("num"), number("base")], Always(Kind::Number), numeric::log).never_null(),
    function("lookup", &[any("inputMap").unknown().marked(), string("key").unknown().marked()], Of(collection::lookup_type), collection::lookup).variadic(any("default").anything()).places(collection::lookup_places),
    function("lower", &[string("str").dynamic()], Always(Kind::String), string::lower).never_null(),
    function("map", &[], Always(Kind::Any), collection::map).variadic(any("vals").null().unknown().dynamic()),
    function("matchkeys", &[list("values"), list("keys"), list("searchset")], Of(collection::matchkeys_type), collection::matchkeys).never_null(),
    function("max", &[], Always(Kind::Number), numeric::max).variadic(number("numbers").dynamic()).never_null(),
    function("md5", &[string("str")], Always(Kind::String), hash::md5).never_null(),
    function("merge", &[], Of(collection::merge_type), collection::merge).variadic(any("maps").null().dynamic().marked()).never_null().shaped(collection::merge_shape),
    function("min", &[], Always(Kind::Number), numeric::min).variadic(number("numbers").dynamic()).never_null(),
    function("nonsensitive", &[any("value").anything()], Of(collection::first_type), mark::nonsensitive),
    function("one", &[any("list").sourced()], Of(collection::one_type), collection::one).places(collection::element_places),
    function("parseint", &[any("number"), number("base")], Of(numeric::parseint_type), numeric::parseint).never_null(),
    function("pathexpand", &[string("path")], Always(Kind::String), filesystem::pathexpand).never_null(),
    function("plantimestamp", &[], Always(Kind::String), date::plantimestamp).never_null().of_family(Family::Impure),
    function("pow", &[number("num"), number("power")], Always(Kind::Number), numeric::pow).never_null(),
    function("provider::terraform::decode_tfvars", &[string("src")], Always(Kind::Any), terraform::decode_tfvars),
    function("provider::terraform::encode_expr", &[any("value").unknown().dynamic()], Always(Kind::String), terraform::encode_expr).never_null(),
    function("provider::terraform::encode_tfvars", &[any("value").unknown().dynamic()], Always(Kind::String), terraform::encode_tfvars).never_null(),
    function("range", &[], Always(Kind::NumberList), numeric::range).variadic(number("params")).never_null(),
    function("regex", &[string("pattern"), string("string")], Of(pattern::regex_type), pattern::regex).never_null(),
    function("regexall", &[string("pattern"), string("string")], Of(pattern::regexall_type), pattern::regexall).never_null(),
    function("replace", &[string("str"), string("substr"), string("replace")], Always(Kind::String), pattern::replace).never_null().shaped(string::another_shape),
    function("reverse", &[any("list").marked()], Of(collection::reverse_type), collection::reverse).never_null(),
    function("rsadecrypt", &[string("ciphertext"), string("privatekey")], Always(Kind::String), hash::rsadecrypt).never_null(),
    function("sensitive", &[any("value").anything()], Of(collection::first_type), mark::sensitive),
    function("setintersection", &[set("first_set").dynamic()], Of(set::operation_type), set::intersection).variadic(set("other_sets").dynamic()).never_null(),
    function("setproduct", &[], Of(set::product_type), set::product).variadic(any("sets").unknown().marked()).never_null(),
    function("setsubtract", &[set("a").dynamic(), set("b").dynamic()], Of(set::operation_type), set::subtract).never_null(),
    function("setunion", &[set("first_set").dynamic()], Of(set::operation_type), set::union).variadic(set("other_sets").dynamic()).never_null(),
    function("sha1", &[string("str")], Always(Kind::String), hash::sha1).never_null(),
    function("sha256", &[string("str")], Always(Kind::String), hash::sha256).never_null(),
    function("sha512", &[string("str")], Always(Kind::String), hash::sha512).never_null(),
    function("signum", &[number("num")], Always(Kind::Number), numeric::signum).never_null(),
    function("slice", &[any("list").marked(), number("start_index"), number("end_index")], Of(collection::slice_type), collection::slice).never_null(),
    function("sort", &[strings("list").unknown()], Always(Kind::StringList), string::sort).never_null(),
    function("split", &[string("separator"), string("str")], Always(Kind::StringList), string::split).never_null(),
    function("startswith", &[string("str").unknown(), string("prefix")], Always(Kind::Bool), string::startswith).never_null().reveals_nothing(),
    function("strcontains", &[string("str"), string("substr")], Always(Kind::Bool), string::strcontains).reveals_nothing(),
    function("strrev", &[string("str").dynamic()], Always(Kind::String), string::strrev).never_null().shaped(string::another_shape),
    function("substr", &[string("str").dynamic(), number("offset").dynamic(), number("length").dynamic()], Always(Kind::String), string::substr).never_null().shaped(string::another_shape),
    function("sum", &[any("list")], Always(Kind::Number), numeric::sum).never_null(),
    function("templatefile", &[string("path").unknown().marked(), any("vars").unknown().marked()], Always(Kind::Any), filesystem::templatefile).of_family(Family::Template),
    function("templatestring", &[any("template").anything(), any("vars").unknown().marked()], Always(Kind::String), filesystem::templatestring).never_null().of_family(Family::Template),
    function("textdecodebase64", &[string("source"), string("encoding")], Always(Kind::String), encoding::textdecodebase64).never_null(),
    function("textencodebase64", &[string("string"), string("encoding")], Always(Kind::String), encoding::textencodebase64).never_null(),
    function("timeadd", &[string("timestamp"), string("duration")], Always(Kind::String), date::timeadd),
    function("timecmp", &[string("timestamp_a"), string("timestamp_b")], Always(Kind::Number), date::timecmp).never_null(),
    function("timestamp", &[], Always(Kind::String), date::timestamp).never_null().of_family(Family::Impure),
    function("title", &[string("str")], Always(Kind::String), string::title).never_null().shaped(string::another_shape),
    function("tobool", &[any("v").anything()], Of(conversion::tobool_type), conversion::tobool),
    function("tolist", &[any("v").anything()], Of(conversion::tolist_type), conversion::tolist),
    function("tomap", &[any("v").anything()], Of(conversion::tomap_type), conversion::tomap),
    function("tonumber", &[any("v").anything()], Of(conversion::tonumber_type), conversion::tonumber),
    function("toset", &[any("v").anything()], Of(conversion::toset_type), conversion::toset),
    function("tostring", &[any("v").anything()], Of(conversion::tostring_type), conversion::tostring),
    function("transpose", &[string_lists("values")], Always(Kind::ListMap), collection::transpose).never_null(),
    function("trim", &[string("str"), string("cutset")], Always(Kind::String), string::trim).never_null(),
    function("trimprefix", &[string("str"), string("prefix")], Always(Kind::String), string::trimprefix).never_null(),
    function("trimspace", &[string("str")], Always(Kind::String), string::trimspace).never_null().shaped(string::trimmed_shape),
    function("trimsuffix", &[string("str"), string("suffix")], Always(Kind::String), string::trimsuffix).never_null(),
    function("try", &[], Always(Kind::Any), lazy).variadic(any("expressions").anything()).of_family(Family::Lazy),
    function("upper", &[string("str").dynamic()], Always(Kind::String), string::upper).never_null().shaped(string::another_shape),
    function("urldecode", &[string("str")], Always(Kind::String), encoding::urldecode).never_null(),
    function("urlencode", &[string("str")], Always(Kind::String), encoding::urlencode).never_null(),
    function("uuid", &[], Always(Kind::String), hash::uuid).never_null().of_family(Family::Impure),
    function("uuidv5", &[string("namespace"), string("name")], Always(Kind::String), hash::uuidv5).never_null(),
    function("values", &[any("mapping").marked()], Of(collection::values_type), collection::values).never_null().places(collection::values_places),
    function("yamldecode", &[string("src")], Always(Kind::Any), yaml::yamldecode).shaped(yaml::yamldecode_shape),
    function("yamlencode", &[any("value").null().dynamic()], Always(Kind::String), yaml::yamlencode).shaped(yaml::yamlencode_shape),
    function("zipmap", &[strings("keys").marked(), any("values").marked()], Of(collection::zipmap_type), collection::zipmap).never_null(),
];
