//! HCL's operators on values, with the conversions of operands that HCL makes.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use thiserror::Error;

use super::equality::unknown_bool;
use super::{
    ConvertError, Data, Marks, Number, SecretPlaces, Shape, Type, Unknown, Value, convert, equals,
    raw_equals, unify,
};
use crate::syntax::{BinaryOperator, UnaryOperator};

/// Which operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Side {
    Left,
    Right,
    Only,
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Left => "left",
            Self::Right => "right",
            Self::Only => "unary",
        })
    }
}

/// An operator cannot be applied. Displayed as Terraform's detail; [`OperatorError::summary`] is its summary.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum OperatorError {
    /// An operand of the wrong type.
    #[error("unsuitable value for {side} operand: {error}")]
    Operand {
        /// Which.
        side: Side,
        /// Why.
        error: ConvertError,
    },
    /// An operand that is null.
    #[error("error during operation: argument must not be null")]
    NullOperand(Side),
    /// Infinities that cancel out, zero by zero.
    #[error("error during operation: {0}")]
    NoResult(&'static str),
    /// Arms of a conditional without a type in common.
    #[error("the true and false result expressions must have consistent types: {0}")]
    ConditionalTypes(TypeDifference),
    /// An arm of a conditional that does not convert to the type of both after all.
    #[error("the {arm} result value has the wrong type: {error}")]
    ConditionalArm {
        /// Which.
        arm: bool,
        /// Why.
        error: ConvertError,
    },
    /// `null ? a : b`
    #[error("the condition value is null: conditions must either be true or false")]
    NullCondition,
    /// A condition that is no bool.
    #[error("the condition expression must be of type bool")]
    ConditionType,
}

impl OperatorError {
    /// As Terraform heads it.
    pub fn summary(&self) -> &'static str {
        match self {
            Self::Operand { .. } => "Invalid operand",
            Self::NullOperand(_) | Self::NoResult(_) => "Operation failed",
            Self::ConditionalTypes(_) | Self::ConditionalArm { .. } => {
                "Inconsistent conditional result types"
            }
            Self::NullCondition => "Null condition",
            Self::ConditionType => "Incorrect condition type",
        }
    }
}

/// `left operator right`.
///
/// `&&` and `||` are unknown as soon as one side is, as in Terraform 1.11; what 1.12 and later know all the same
/// (`unknown && false`) is [foreseen](Value::foreseen).
pub fn binary(
    operator: BinaryOperator,
    left: &Value,
    right: &Value,
) -> Result<Value, OperatorError> {
    use BinaryOperator as Op;
    match operator {
        Op::Equal => return Ok(equals(left, right)),
        Op::NotEqual => return Ok(not(&equals(left, right))),
        _ => {}
    }
    let wanted = match operator {
        Op::And | Op::Or => Type::Bool,
        _ => Type::Number,
    };
    let left = operand(left, &wanted, Side::Left)?;
    let right = operand(right, &wanted, Side::Right)?;
    for (value, side) in [(&left, Side::Left), (&right, Side::Right)] {
        if value.is_null() {
            return Err(OperatorError::NullOperand(side));
        }
    }
    let result = match operator {
        Op::And => logical(&left, &right, false),
        Op::Or => logical(&left, &right, true),
        Op::Less => ordered(&left, &right, |order| order == Ordering::Less),
        Op::Greater => ordered(&left, &right, |order| order == Ordering::Greater),
        Op::LessOrEqual => or_equal(Op::Less, &left, &right)?,
        Op::GreaterOrEqual => or_equal(Op::Greater, &left, &right)?,
        _ => arithmetic(operator, &left, &right)?,
    };
    Ok(result.with_marks(&left.marks().union(right.marks())))
}

fn operand(value: &Value, wanted: &Type, side: Side) -> Result<Value, OperatorError> {
    convert(value, wanted).map_err(|error| OperatorError::Operand { side, error })
}

/// `&&` and `||`: `decisive` on one side decides.
fn logical(left: &Value, right: &Value, decisive: bool) -> Value {
    if let (Some(left), Some(right)) = (left.as_bool(), right.as_bool()) {
        return Value::bool(if decisive {
            left || right
        } else {
            left && right
        });
    }
    let of = |value: &Value| value.foreseen().and_then(Value::as_bool);
    let foreseen = match (of(left), of(right)) {
        (Some(value), _) | (_, Some(value)) if value == decisive => Some(decisive),
        (_, Some(value)) if value == decisive => Some(decisive),
        (Some(_), Some(_)) => Some(!decisive),
        _ => None,
    };
    let unknown = unknown_bool(left.causes().union(&right.causes()));
    foreseen.map_or(unknown.clone(), |value| {
        foresee(unknown, Value::bool(value))
    })
}

/// An unknown value whose outcome the sources decide.
fn foresee(unknown: Value, outcome: Value) -> Value {
    let Data::Unknown(inner) = unknown.data() else {
        return unknown;
    };
    let mut inner = Unknown::clone(inner);
    inner.shape = Some(Shape::Partial(Arc::new(outcome)));
    Value::refined(inner).replace_marks(unknown.marks().clone())
}

/// The least and greatest that a number can be.
fn range(value: &Value) -> (Option<&Number>, Option<&Number>) {
    match value.data() {
        Data::Number(number) => (Some(number), Some(number)),
        Data::Unknown(unknown) => (unknown.bounds.min.as_ref(), unknown.bounds.max.as_ref()),
        _ => (None, None),
    }
}

fn ordered(left: &Value, right: &Value, holds: fn(Ordering) -> bool) -> Value {
    if let (Some(left), Some(right)) = (left.as_number(), right.as_number()) {
        return Value::bool(holds(left.compare(right)));
    }
    let ((left_min, left_max), (right_min, right_max)) = (range(left), range(right));
    let certain = |lower: Option<&Number>, upper: Option<&Number>| matches!((lower, upper), (Some(lower), Some(upper)) if lower.compare(upper) == Ordering::Less);
    if certain(left_max, right_min) {
        return Value::bool(holds(Ordering::Less));
    }
    if certain(right_max, left_min) {
        return Value::bool(holds(Ordering::Greater));
    }
    unknown_bool(left.causes().union(&right.causes()))
}

/// `<=` and `>=` are what cty makes of them: less or greater, or equal.
fn or_equal(strict: BinaryOperator, left: &Value, right: &Value) -> Result<Value, OperatorError> {
    let strictly = binary(strict, left, right)?;
    let equal = equals(left, right);
    Ok(match (strictly.as_bool(), equal.as_bool()) {
        (Some(true), _) | (_, Some(true)) => Value::TRUE,
        (Some(false), Some(false)) => Value::FALSE,
        _ => unknown_bool(left.causes().union(&right.causes())),
    })
}

fn arithmetic(
    operator: BinaryOperator,
    left: &Value,
    right: &Value,
) -> Result<Value, OperatorError> {
    use BinaryOperator as Op;
    let (Some(a), Some(b)) = (left.as_number(), right.as_number()) else {
        let causes = left.causes().union(&right.causes());
        return Ok(Value::unknown(Type::Number, causes).refine_not_null());
    };
    let (result, otherwise) = match operator {
        Op::Subtract => (a.sub(b), "can't subtract infinity from itself"),
        Op::Multiply => (a.mul(b), "can't multiply zero by infinity"),
        Op::Divide => (
            a.div(b),
            "can't divide zero by zero or infinity by infinity",
        ),
        Op::Modulo => (a.modulo(b), "can't use modulo with zero and infinity"),
        _ => (a.add(b), "can't compute sum of opposing infinities"),
    };
    result
        .map(Value::number)
        .ok_or(OperatorError::NoResult(otherwise))
}

/// `!operand` and `-operand`.
pub fn unary(operator: UnaryOperator, value: &Value) -> Result<Value, OperatorError> {
    let wanted = match operator {
        UnaryOperator::Not => Type::Bool,
        UnaryOperator::Negate => Type::Number,
    };
    let value = operand(value, &wanted, Side::Only)?;
    let result = match (operator, value.data()) {
        (_, Data::Null(_)) => return Err(OperatorError::NullOperand(Side::Only)),
        (UnaryOperator::Not, _) => return Ok(not(&value)),
        (UnaryOperator::Negate, Data::Number(number)) => Value::number(number.neg()),
        (UnaryOperator::Negate, _) => {
            Value::unknown(Type::Number, value.causes()).refine_not_null()
        }
    };
    Ok(result.with_marks(value.marks()))
}

/// Of a bool that is not null.
fn not(value: &Value) -> Value {
    let result = match (value.as_bool(), value.foreseen().and_then(Value::as_bool)) {
        (Some(value), _) => Value::bool(!value),
        (None, Some(foreseen)) => foresee(unknown_bool(value.causes()), Value::bool(!foreseen)),
        (None, None) => unknown_bool(value.causes()),
    };
    result.with_marks(value.marks())
}

/// `predicate ? yes : no`: both arms evaluated, brought to one type as far as that is known. Of an unknown predicate the
/// result is what both arms have in common; where the sources decide it all the same, it is [foreseen](Value::foreseen).
/// The marks of all three go to the result; of an unknown predicate also the secrets within both arms.
pub fn conditional(predicate: &Value, yes: &Value, no: &Value) -> Result<Value, OperatorError> {
    let ty = result_type(yes, no)?;
    if predicate.is_null() {
        return Err(OperatorError::NullCondition);
    }
    let predicate_marks = predicate.marks().without_secrets();
    let marks = [yes, no]
        .iter()
        .fold(predicate_marks, |marks, value| marks.union(value.marks()));
    if !predicate.is_known() {
        let result = SecretPlaces::of_any([yes, no]).put_on(undecided(predicate, yes, no, ty));
        return Ok(result.with_marks(&marks));
    }
    let decision = convert(predicate, &Type::Bool)
        .ok()
        .and_then(|decision| decision.as_bool())
        .ok_or(OperatorError::ConditionType)?;
    // Terraform's marks come from both arms; a secret only from the one that is taken.
    let chosen = chosen(decision, yes, no, &ty)?;
    Ok(chosen.with_marks(&marks.without_secrets()))
}

fn result_type(yes: &Value, no: &Value) -> Result<Type, OperatorError> {
    let is_bare_null = |value: &Value| raw_equals(value, &Value::NULL);
    let (yes_type, no_type) = (yes.ty(), no.ty());
    if is_bare_null(yes) {
        return Ok(no_type);
    }
    if is_bare_null(no) {
        return Ok(yes_type);
    }
    if yes_type == Type::Dynamic || no_type == Type::Dynamic {
        return Ok(Type::Dynamic);
    }
    if yes_type == no_type {
        return Ok(yes_type);
    }
    unify(&[yes_type.clone(), no_type.clone()]).ok_or_else(|| {
        OperatorError::ConditionalTypes(TypeDifference::between(&yes_type, &no_type))
    })
}

fn chosen(decision: bool, yes: &Value, no: &Value, ty: &Type) -> Result<Value, OperatorError> {
    let arm = if decision { yes } else { no };
    convert(arm, ty).map_err(|error| OperatorError::ConditionalArm {
        arm: decision,
        error,
    })
}

fn undecided(predicate: &Value, yes: &Value, no: &Value, ty: Type) -> Value {
    if yes.is_null() && no.is_null() {
        return Value::null(ty);
    }
    let causes = predicate.causes().union(&yes.causes()).union(&no.causes());
    let result = Value::unknown(ty.clone(), causes);
    let result = with_common_bounds(result, yes, no);
    let result = if yes.is_not_null() && no.is_not_null() {
        result.refine_not_null()
    } else {
        result
    };
    let decision = predicate.foreseen().and_then(Value::as_bool);
    // Terraform does not see that the arms are equal; attributes of equal objects are unknown to it as well.
    let same = ty.is_primitive() && yes.is_known() && raw_equals(&unmarked(yes), &unmarked(no));
    let outcome = decision.or(same.then_some(true));
    match outcome.map(|decision| chosen(decision, yes, no, &ty)) {
        Some(Ok(outcome)) => foresee(result, unmarked(&outcome)),
        _ => result,
    }
}

fn unmarked(value: &Value) -> Value {
    value.clone().replace_marks(Marks::NONE)
}

fn with_common_bounds(result: Value, yes: &Value, no: &Value) -> Value {
    let (yes_type, no_type) = (yes.ty(), no.ty());
    if yes_type == Type::Number && no_type == Type::Number {
        let ((yes_min, yes_max), (no_min, no_max)) = (range(yes), range(no));
        let min = yes_min.zip(no_min).map(|(a, b)| a.min(b).clone());
        let max = yes_max.zip(no_max).map(|(a, b)| a.max(b).clone());
        return result.refine_bounds(min, max);
    }
    if yes_type.is_collection() && yes_type == no_type {
        let ((yes_min, yes_max), (no_min, no_max)) = (length_range(yes), length_range(no));
        let max = yes_max.zip(no_max).map(|(a, b)| a.max(b));
        return result.refine_length(yes_min.min(no_min), max);
    }
    result
}

/// The fewest and most elements of a collection. Of a null, as of anything unknown, nothing is said.
fn length_range(value: &Value) -> (usize, Option<usize>) {
    match value.data() {
        Data::Unknown(unknown) => unknown.length_bounds(),
        Data::Set(_, elements) => {
            let open = elements.len() > 1 && !elements.iter().all(Value::is_wholly_known);
            if open {
                (0, None)
            } else {
                (elements.len(), Some(elements.len()))
            }
        }
        Data::List(_, elements) => (elements.len(), Some(elements.len())),
        Data::Map(_, entries) => (entries.len(), Some(entries.len())),
        _ => (0, None),
    }
}

/// Where the types of a conditional's arms part. Displayed as Terraform words it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeDifference {
    within: Vec<Within>,
    end: Difference,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Within {
    Attribute(Arc<str>),
    Element(usize),
    Elements(&'static str),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Difference {
    OnlyTrueHas(Arc<str>),
    OnlyFalseHas(Arc<str>),
    Lengths(usize, usize),
    Types(Type, Type),
}

impl TypeDifference {
    fn between(yes: &Type, no: &Type) -> Self {
        let mut within = Vec::new();
        let end = Self::find(yes, no, &mut within);
        Self { within, end }
    }

    fn find(yes: &Type, no: &Type, within: &mut Vec<Within>) -> Difference {
        match (yes, no) {
            (Type::Object(yes), Type::Object(no)) => {
                for (name, yes) in &yes.attributes {
                    match no.attributes.get(name) {
                        None => return Difference::OnlyTrueHas(Arc::clone(name)),
                        Some(no) if no != yes => {
                            within.push(Within::Attribute(Arc::clone(name)));
                            return Self::find(yes, no, within);
                        }
                        Some(_) => {}
                    }
                }
                let mut names = no.attributes.keys();
                if let Some(name) = names.find(|name| !yes.attributes.contains_key(*name)) {
                    return Difference::OnlyFalseHas(Arc::clone(name));
                }
            }
            (Type::Tuple(yes), Type::Tuple(no)) => {
                if yes.len() != no.len() {
                    return Difference::Lengths(yes.len(), no.len());
                }
                let mut pairs = yes.iter().zip(no.iter()).enumerate();
                if let Some((at, (yes, no))) = pairs.find(|(_, (yes, no))| yes != no) {
                    within.push(Within::Element(at));
                    return Self::find(yes, no, within);
                }
            }
            (Type::List(yes_of), Type::List(no_of)) if both_structural(yes_of, no_of) => {
                within.push(Within::Elements("list"));
                return Self::find(yes_of, no_of, within);
            }
            (Type::Set(yes_of), Type::Set(no_of)) if both_structural(yes_of, no_of) => {
                within.push(Within::Elements("set"));
                return Self::find(yes_of, no_of, within);
            }
            (Type::Map(yes_of), Type::Map(no_of)) if both_structural(yes_of, no_of) => {
                within.push(Within::Elements("map"));
                return Self::find(yes_of, no_of, within);
            }
            _ => {}
        }
        Difference::Types(yes.clone(), no.clone())
    }
}

fn both_structural(yes: &Type, no: &Type) -> bool {
    matches!(
        (yes, no),
        (Type::Object(_), Type::Object(_)) | (Type::Tuple(_), Type::Tuple(_))
    )
}

impl fmt::Display for TypeDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.within {
            match step {
                Within::Attribute(name) => {
                    write!(f, "type mismatch for object attribute {name:?}: ")?;
                }
                Within::Element(at) => {
                    write!(f, "type mismatch for tuple element {at}: ")?;
                }
                Within::Elements(kind) => {
                    write!(f, "mismatched {kind} element types: ")?;
                }
            }
        }
        match &self.end {
            Difference::OnlyTrueHas(name) => write!(
                f,
                "the 'true' value includes object attribute {name:?}, which is absent in the 'false' value"
            ),
            Difference::OnlyFalseHas(name) => write!(
                f,
                "the 'false' value includes object attribute {name:?}, which is absent in the 'true' value"
            ),
            Difference::Lengths(yes, no) => write!(
                f,
                "the 'true' tuple has length {yes}, but the 'false' tuple has length {no}"
            ),
            Difference::Types(yes, no) => write!(
                f,
                "the 'true' value is {}, but the 'false' value is {}",
                yes.friendly_name(),
                no.friendly_name()
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Causes, format};
    use super::*;

    fn unknown(ty: Type) -> Value {
        Value::unknown(ty, Causes::default())
    }

    fn printed(value: Result<Value, OperatorError>) -> String {
        value.map_or_else(|error| error.summary().to_owned(), |value| format(&value))
    }

    #[test]
    fn conditionals_as_the_console() {
        let one = || Value::number(1);
        let text = Value::string;
        let maybe = || unknown(Type::Bool);
        let rows = [
            (Value::TRUE, one(), text("a"), "\"1\""),
            (Value::FALSE, one(), Value::NULL, "tonumber(null)"),
            (Value::TRUE, Value::NULL, Value::NULL, "null"),
            (maybe(), one(), one(), "1"),
            (maybe(), text("a"), text("a"), "(known after apply)"),
            (maybe(), Value::NULL, Value::NULL, "null"),
            (text("true"), one(), one(), "1"),
            (Value::NULL, one(), one(), "Null condition"),
            (text("x"), one(), one(), "Incorrect condition type"),
            (
                Value::TRUE,
                Value::object(super::super::Entries::new()),
                Value::tuple([]),
                "Inconsistent conditional result types",
            ),
        ];
        for (predicate, yes, no, expected) in rows {
            let result = conditional(&predicate, &yes, &no);
            assert_eq!(
                printed(result),
                expected,
                "{predicate:?} ? {yes:?} : {no:?}"
            );
        }
        let lists = conditional(
            &Value::TRUE,
            &Value::tuple([one()]),
            &Value::tuple([text("a"), text("b")]),
        );
        assert_eq!(printed(lists), "tolist([\n  \"1\",\n])");
    }

    #[test]
    fn an_unknown_conditional_is_what_both_arms_are() {
        let ranged = conditional(&unknown(Type::Bool), &Value::number(1), &Value::number(5));
        let ranged = ranged.expect("numbers");
        let compare = |operator, number: i64| {
            binary(operator, &ranged, &Value::number(number)).expect("numbers")
        };
        assert_eq!(compare(BinaryOperator::Greater, 0), Value::TRUE);
        assert_eq!(compare(BinaryOperator::Greater, 9), Value::FALSE);
        assert_eq!(compare(BinaryOperator::Equal, 9), Value::FALSE);
        assert!(!compare(BinaryOperator::Greater, 3).is_known());
        assert_eq!(compare(BinaryOperator::Equal, 5).as_bool(), None);
        assert!(ranged.is_not_null());
    }

    #[test]
    fn what_one_side_decides_is_foreseen_but_not_known() {
        let both = binary(BinaryOperator::And, &unknown(Type::Bool), &Value::FALSE).expect("bools");
        assert!(!both.is_known());
        assert_eq!(both.foreseen(), Some(&Value::FALSE));
        let chosen = conditional(&both, &Value::number(1), &Value::number(0)).expect("numbers");
        assert!(!chosen.is_known());
        assert_eq!(
            chosen.foreseen().and_then(Value::as_number),
            Some(&Number::ZERO)
        );
        let either =
            binary(BinaryOperator::Or, &unknown(Type::Bool), &Value::FALSE).expect("bools");
        assert_eq!(either.foreseen(), None);
    }

    #[test]
    fn marks_of_every_operand_stay() {
        let secret = Value::number(7).with_marks(&Marks::SENSITIVE);
        let sum = binary(BinaryOperator::Add, &secret, &Value::number(1)).expect("numbers");
        assert!(sum.marks().sensitive);
        let arm = conditional(&Value::FALSE, &secret, &Value::number(1)).expect("numbers");
        assert!(arm.marks().sensitive);
    }
}
