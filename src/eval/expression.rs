//! Expressions to values, with HCL's rules.

use std::sync::Arc;

use super::budget::Beyond;
use super::error::{EvalError, Evaluated};
use super::functions::{self, Family, FunctionContext};
use super::{Mode, Scope, reference};
use crate::secret::is_secret_name;
use crate::syntax::{Binary, BinaryOperator, Call, Conditional, Expr, ExprKind, ObjectItem};
use crate::value::{self, Cause, Causes, Data, Entries, Marks, Number, SecretPlaces, Type, Value};

impl Scope<'_> {
    /// Evaluates an expression, within the budget of the evaluation.
    pub fn evaluate(&self, expr: &Expr) -> Evaluated {
        let budget = &self.evaluation.budget;
        match budget.step(expr.span) {
            Ok(()) => {}
            Err(Beyond::Told(error)) => return Err(error),
            Err(Beyond::Known) => return Ok(beyond_budget()),
        }
        let value = self.evaluate_kind(expr)?;
        let makes = matches!(
            expr.kind,
            ExprKind::Template(_)
                | ExprKind::Splat { .. }
                | ExprKind::Call(_)
                | ExprKind::Tuple(_)
                | ExprKind::Object(_)
                | ExprKind::For(_)
        );
        if makes {
            budget.admit(&value, expr.span)?;
        }
        Ok(value)
    }

    fn evaluate_kind(&self, expr: &Expr) -> Evaluated {
        match &expr.kind {
            ExprKind::Null => Ok(Value::NULL),
            ExprKind::Bool(value) => Ok(Value::bool(*value)),
            ExprKind::Number(text) => match Number::parse(text).or_else(|| beyond(text)) {
                Some(number) => Ok(Value::number(number)),
                None => Err(EvalError::new(
                    format!("`{text}` is not a number"),
                    expr.span,
                )),
            },
            ExprKind::String(text) => Ok(Value::string(Arc::clone(text))),
            ExprKind::Template(template) => self.template(template),
            ExprKind::Variable(_) | ExprKind::Attr { .. } | ExprKind::Index { .. } => {
                reference::evaluate(self, expr)
            }
            ExprKind::Splat { source, each, .. } => self.splat(source, each, expr.span),
            ExprKind::SplatItem => match self.splat_item {
                Some(item) => Ok(item.clone()),
                None => Err(EvalError::new(
                    "a splat's element stands outside of a splat",
                    expr.span,
                )),
            },
            ExprKind::Call(call) => self.call(call, expr),
            ExprKind::Tuple(elements) => {
                let values: Result<Vec<Value>, _> = elements
                    .iter()
                    .map(|element| self.evaluate(element))
                    .collect();
                Ok(Value::tuple(values?))
            }
            ExprKind::Object(items) => self.object(items),
            ExprKind::For(for_expr) => self.for_expression(for_expr),
            ExprKind::Conditional(conditional) => self.conditional(conditional, expr),
            ExprKind::Unary { operator, operand } => {
                let operand = self.evaluate(operand)?;
                value::unary(*operator, &operand)
                    .map_err(|error| EvalError::new(error.to_string(), expr.span))
            }
            ExprKind::Binary(binary) => self.binary(binary, expr),
            ExprKind::Parens(inner) => self.evaluate(inner),
            ExprKind::Invalid => Ok(Value::unknown(
                Type::Dynamic,
                Causes::one(Cause::Error {
                    message: "this expression could not be read".into(),
                }),
            )),
        }
    }

    /// Evaluates and converts, as attributes with a type are.
    pub fn evaluate_as(&self, expr: &Expr, ty: &Type) -> Evaluated {
        let value = self.evaluate(expr)?;
        value::convert(&value, ty).map_err(|error| EvalError::new(error.to_string(), expr.span))
    }

    /// Operators chain to the left, thousands deep in generated code: the chain is walked, not recursed into.
    fn binary(&self, binary: &Binary, expr: &Expr) -> Evaluated {
        let mut chain = vec![(binary, expr)];
        let mut leftmost = &binary.left;
        while let ExprKind::Binary(inner) = &leftmost.kind {
            chain.push((inner, leftmost));
            leftmost = &inner.left;
        }
        let mut left = self.evaluate(leftmost);
        while let Some((binary, expr)) = chain.pop() {
            left = self.operation(binary.operator, left, &binary.right, expr);
        }
        left
    }

    fn operation(
        &self,
        operator: BinaryOperator,
        left: Evaluated,
        right: &Expr,
        expr: &Expr,
    ) -> Evaluated {
        let left = left?;
        let right = match self.evaluate(right) {
            Ok(right) => right,
            Err(error) => return self.without_right(operator, &left).ok_or(error),
        };
        if let Some(decided) = self.decided(operator, &left, &right) {
            return Ok(decided);
        }
        value::binary(operator, &left, &right)
            .map_err(|error| EvalError::new(error.to_string(), expr.span))
    }

    /// The result of a `&&` or `||` that its left side decides although the right one fails. Terraform 1.11 refuses
    /// that; later versions do not look at the right side, and nor does a judgement.
    fn without_right(&self, operator: BinaryOperator, left: &Value) -> Option<Value> {
        let decided = match operator {
            BinaryOperator::And => false,
            BinaryOperator::Or => true,
            _ => return None,
        };
        let left = value::convert(left, &Type::Bool).ok()?;
        let judging = self.evaluation.options.mode == Mode::Judging;
        (judging && left.as_bool() == Some(decided)).then_some(left)
    }

    /// Terraform leaves `unknown && false` open; whatever the unknown will be, it is false.
    fn decided(&self, operator: BinaryOperator, left: &Value, right: &Value) -> Option<Value> {
        let decisive = match operator {
            BinaryOperator::And => false,
            BinaryOperator::Or => true,
            _ => return None,
        };
        if self.evaluation.options.mode != Mode::Judging || (left.is_known() && right.is_known()) {
            return None;
        }
        let marks = left.marks().union(right.marks());
        let known = [left, right].map(|side| value::convert(side, &Type::Bool).ok()?.as_bool());
        known
            .contains(&Some(decisive))
            .then(|| Value::bool(decisive).with_marks(&marks))
    }

    fn conditional(&self, conditional: &Conditional, expr: &Expr) -> Evaluated {
        let predicate = self.evaluate(&conditional.predicate)?;
        let decided = value::convert(&predicate, &Type::Bool)
            .ok()
            .and_then(|value| value.as_bool());
        // Only the arm that is taken may fail; the other one still has a say in the type of the result.
        let arm = |taken: bool, expr: &Expr| match self.evaluate(expr) {
            Err(error) if decided != Some(taken) && !error.fixed => {
                Ok(Value::unknown(Type::Dynamic, Causes::default()))
            }
            other => other,
        };
        let yes = arm(true, &conditional.yes)?;
        let no = arm(false, &conditional.no)?;
        let judging = self.evaluation.options.mode == Mode::Judging;
        if judging && !predicate.is_known() && yes.is_wholly_known() && value::raw_equals(&yes, &no)
        {
            return Ok(yes.with_marks(predicate.marks()));
        }
        value::conditional(&predicate, &yes, &no)
            .map_err(|error| EvalError::new(error.to_string(), expr.span))
    }

    fn object(&self, items: &[ObjectItem]) -> Evaluated {
        let mut entries = Entries::new();
        let mut marks = Marks::NONE;
        let mut unknown_keys: Option<Causes> = None;
        for item in items {
            let value = self.evaluate(&item.value)?;
            if matches!(
                item.key.kind,
                ExprKind::Attr { .. } | ExprKind::Index { .. }
            ) {
                let error = EvalError::new(
                    "a reference as a key of an object is ambiguous",
                    item.key.span,
                );
                return Err(error.with_help("put it in parentheses: `(…) = …`"));
            }
            let key = self.evaluate(object_key(&item.key))?;
            let (key, of_key) = key.unmark();
            marks = marks.union(&of_key);
            if key.is_null() {
                return Err(EvalError::new("a key of an object is null", item.key.span));
            }
            let key = value::convert(&key, &Type::String)
                .map_err(|_| EvalError::new("a key of an object is not a string", item.key.span))?;
            match key.data() {
                Data::String(name) => {
                    entries.insert(Arc::clone(name), value);
                }
                _ => unknown_keys = Some(unknown_keys.unwrap_or_default().union(&key.causes())),
            }
        }
        let object = match unknown_keys {
            Some(causes) => Value::unknown(Type::Dynamic, causes),
            None => Value::object(entries),
        };
        Ok(object.with_marks(&marks))
    }

    fn call(&self, call: &Call, expr: &Expr) -> Evaluated {
        let name = call
            .name
            .name
            .strip_prefix("core::")
            .unwrap_or(&call.name.name);
        match name {
            "try" => return self.try_call(call, expr),
            "can" => return self.can_call(call, expr),
            _ => {}
        }
        let Some(function) = functions::lookup(&call.name.name) else {
            return Err(unknown_function(call));
        };
        self.require_provider(call)?;
        let module = self.module.map(|module| &*module.config.module);
        self.evaluation.check_function(call, module);
        if self.template.is_some() && function.family == Family::Template {
            let message = format!(
                "`{}()` cannot be called inside a template of its kind",
                call.name.name
            );
            return Err(EvalError::new(message, call.name.span));
        }
        if function.name == "templatestring" {
            self.check_template_reference(call)?;
        }
        let mut arguments = Vec::with_capacity(call.arguments.len());
        let mut marks = Marks::NONE;
        for (at, argument) in call.arguments.iter().enumerate() {
            let value = self.evaluate(argument)?;
            if call.expand_last && at + 1 == call.arguments.len() {
                let (expanded, of_list) = value.unmark();
                marks = of_list;
                match expanded.data() {
                    Data::Unknown(_) => {
                        return Ok(
                            Value::unknown(Type::Dynamic, expanded.causes()).with_marks(&marks)
                        );
                    }
                    Data::List(_, elements) | Data::Set(_, elements) | Data::Tuple(elements) => {
                        arguments.extend(elements.iter().cloned());
                    }
                    _ => {
                        return Err(EvalError::new(
                            "what is expanded by `...` is not a list",
                            argument.span,
                        ));
                    }
                }
            } else {
                arguments.push(value);
            }
        }
        if function.name == "element" {
            self.evaluation
                .check_index_from_end(call, &arguments, module)?;
        }
        let render =
            |text: &str, name: &str, variables: &Entries| self.render(text, name, variables);
        let cx = FunctionContext {
            base: &self.evaluation.options.base,
            files: &*self.evaluation.options.files,
            render: &render,
        };
        let result = function.call(&arguments, &cx).map_err(|error| {
            let span = error
                .argument
                .and_then(|at| call.arguments.get(at))
                .map_or(expr.span, |argument| argument.span);
            // Errors quote what they are about. Those of templates name variables, and calls in them come here themselves.
            let quotes = function.family != Family::Template
                && (arguments.iter().any(|one| !one.marks_deep().is_empty())
                    || call.arguments.iter().any(names_secret));
            let reason = if quotes {
                "refused, and the reason is withheld: it may show a sensitive value".to_owned()
            } else {
                error.to_string()
            };
            EvalError::new(format!("`{}()`: {reason}", call.name.name), span)
        })?;
        Ok(result.with_marks(&marks))
    }

    /// The functions of a provider are there where the module requires it by name, the one built in as well.
    fn require_provider(&self, call: &Call) -> Result<(), Box<EvalError>> {
        let mut parts = call.name.name.split("::");
        let (Some("provider"), Some(provider), Some(module)) =
            (parts.next(), parts.next(), self.module)
        else {
            return Ok(());
        };
        if module
            .config
            .module
            .required_providers
            .contains_key(provider)
        {
            return Ok(());
        }
        let message = format!(
            "`{}()` needs `{provider}` in `required_providers`",
            call.name.name
        );
        let help = format!("add `{provider} = {{ source = \"terraform.io/builtin/{provider}\" }}`");
        Err(EvalError::new(message, call.name.span).with_help(help))
    }

    /// `templatestring` renders a template from elsewhere: written in place, it would be a template already.
    fn check_template_reference(&self, call: &Call) -> Result<(), Box<EvalError>> {
        let Some(template) = call.arguments.first() else {
            return Ok(());
        };
        let is_reference = matches!(
            template.kind,
            ExprKind::Variable(_)
                | ExprKind::Attr { .. }
                | ExprKind::Index { .. }
                | ExprKind::Splat { .. }
        );
        if !is_reference {
            let message =
                "the template of `templatestring()` is a reference to a string, not an expression";
            return Err(EvalError::new(message, template.span));
        }
        match self.evaluate(template)?.ty() {
            Type::String | Type::Dynamic => Ok(()),
            other => {
                let message = format!(
                    "the template of `templatestring()` is a string, not a value of type {other}"
                );
                Err(EvalError::new(message, template.span))
            }
        }
    }

    /// The first argument that can be evaluated. Terraform makes nothing of a value that is partly unknown; what will
    /// be is that value.
    fn try_call(&self, call: &Call, expr: &Expr) -> Evaluated {
        let mut last = None;
        for (at, argument) in call.arguments.iter().enumerate() {
            match self.evaluate(argument) {
                Ok(value)
                    if self.evaluation.options.mode != Mode::Judging
                        && !value.is_wholly_known() =>
                {
                    let marks = value.marks_deep();
                    return Ok(Value::unknown(Type::Dynamic, value.causes()).with_marks(&marks));
                }
                Ok(value) => return Ok(self.or_another(value, &call.arguments[at + 1..])),
                Err(error) if error.fixed => return Err(error),
                Err(error) => last = Some(error),
            }
        }
        let reason = last.map_or_else(|| "it needs an argument".to_owned(), |error| error.message);
        Err(EvalError::new(
            format!("no argument of `try()` can be evaluated; the last one: {reason}"),
            expr.span,
        ))
    }

    /// Of what not even the type is known, nobody knows that it can be evaluated: the secrets of the other arguments may
    /// come instead.
    fn or_another(&self, value: Value, others: &[Expr]) -> Value {
        if value.is_known() || value.ty() != Type::Dynamic {
            return value;
        }
        let others: Vec<Value> = others
            .iter()
            .filter_map(|other| self.evaluate(other).ok())
            .collect();
        SecretPlaces::of_any(&others).put_on(value)
    }

    fn can_call(&self, call: &Call, expr: &Expr) -> Evaluated {
        let [argument] = call.arguments.as_slice() else {
            return Err(EvalError::new("`can()` takes one argument", expr.span));
        };
        match self.evaluate(argument) {
            Err(error) if error.fixed => Err(error),
            Err(_) => Ok(Value::FALSE),
            Ok(value) if value.is_wholly_known() => Ok(Value::TRUE),
            Ok(value)
                if self.evaluation.options.mode == Mode::Judging && value.ty() != Type::Dynamic =>
            {
                Ok(Value::TRUE)
            }
            Ok(value) => Ok(Value::unknown(Type::Bool, value.causes())),
        }
    }

    /// Takes a step from a value; the span is that of the whole expression so far.
    pub(crate) fn step(&self, value: &Value, step: reference::Step<'_>, expr: &Expr) -> Evaluated {
        let result = match step {
            reference::Step::Attribute(name) => value::attribute(value, name),
            reference::Step::Key(key) => {
                let key = self.evaluate(key)?;
                value::index(value, &key)
            }
        };
        result.map_err(|error| EvalError::new(error.to_string(), expr.span))
    }
}

/// What nobody computes any more.
fn beyond_budget() -> Value {
    let message = "the configuration takes too many steps to evaluate".into();
    Value::unknown(Type::Dynamic, Causes::one(Cause::Error { message }))
}

/// A number whose exponent is out of all bounds: infinite or zero, as Terraform has it.
fn beyond(text: &str) -> Option<Number> {
    let (digits, exponent) = text.split_once(['e', 'E'])?;
    let zero = digits.bytes().all(|byte| matches!(byte, b'0' | b'.'));
    if zero || exponent.starts_with('-') {
        return Some(Number::from(0_i64));
    }
    Number::from(1_i64).div(&Number::from(0_i64))
}

/// In an object, `name = …` is a key and `(name) = …` an expression.
fn object_key(key: &Expr) -> &Expr {
    match &key.kind {
        ExprKind::Parens(inner) => inner,
        _ => key,
    }
}

fn unknown_function(call: &Call) -> Box<EvalError> {
    let error = EvalError::new(
        format!("there is no function `{}`", call.name.name),
        call.name.span,
    );
    match functions::suggest(&call.name.name) {
        Some(near) => error.with_help(format!("did you mean `{near}`?")),
        None => error,
    }
}

/// Whether an argument refers to something that is named as secrets are.
fn names_secret(argument: &Expr) -> bool {
    let mut found = false;
    argument.walk(|inner| {
        found |= matches!(&inner.kind, ExprKind::Attr { name, .. } if is_secret_name(&name.name));
    });
    found
}
