//! RFC 6902, as far as the webhook may use it: `add`, `replace` and `remove`, strict about paths.

use serde_json::Value;

/// Applies a patch.
///
/// # Errors
///
/// When it is no list of operations, uses another operation, or names a path that is not there.
pub fn apply(document: &mut Value, patch: &Value) -> Result<(), String> {
    for operation in patch.as_array().ok_or("a patch is a list")? {
        apply_one(document, operation).map_err(|error| format!("{error}: {operation}"))?;
    }
    Ok(())
}

fn apply_one(document: &mut Value, operation: &Value) -> Result<(), String> {
    let path = operation["path"].as_str().ok_or("no path")?;
    let value = || operation.get("value").cloned().ok_or("no value");
    let (parent, key) = path.rsplit_once('/').ok_or("the whole document")?;
    let key = unescape(key)?;
    let parent = descend(document, parent)?;
    match operation["op"].as_str() {
        Some("add") => add(parent, &key, value()?),
        Some("replace") => {
            *child(parent, &key)? = value()?;
            Ok(())
        }
        Some("remove") => remove(parent, &key),
        _ => Err("another operation".to_owned()),
    }
}

fn descend<'a>(document: &'a mut Value, pointer: &str) -> Result<&'a mut Value, String> {
    let mut here = document;
    if pointer.is_empty() {
        return Ok(here);
    }
    for token in pointer
        .strip_prefix('/')
        .ok_or("no leading slash")?
        .split('/')
    {
        here = child(here, &unescape(token)?)?;
    }
    Ok(here)
}

fn child<'a>(parent: &'a mut Value, key: &str) -> Result<&'a mut Value, String> {
    match parent {
        Value::Object(map) => map.get_mut(key),
        Value::Array(list) => index(key).and_then(|at| list.get_mut(at)),
        _ => None,
    }
    .ok_or_else(|| format!("nothing at {key:?}"))
}

fn add(parent: &mut Value, key: &str, value: Value) -> Result<(), String> {
    match parent {
        Value::Object(map) => {
            map.insert(key.to_owned(), value);
        }
        Value::Array(list) if key == "-" => list.push(value),
        Value::Array(list) => {
            let at = index(key)
                .filter(|at| *at <= list.len())
                .ok_or("no such place")?;
            list.insert(at, value);
        }
        _ => return Err("the parent holds nothing".to_owned()),
    }
    Ok(())
}

fn remove(parent: &mut Value, key: &str) -> Result<(), String> {
    child(parent, key)?;
    match parent {
        Value::Object(map) => drop(map.remove(key)),
        Value::Array(list) => drop(list.remove(index(key).ok_or("no index")?)),
        _ => {}
    }
    Ok(())
}

/// An array index: digits without a leading zero.
fn index(token: &str) -> Option<usize> {
    let is_plain = token == "0" || !token.starts_with('0');
    (is_plain && token.bytes().all(|b| b.is_ascii_digit())).then(|| token.parse().ok())?
}

fn unescape(token: &str) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = token.chars();
    while let Some(c) = rest.next() {
        match (c, c == '~') {
            (_, true) => out.push(match rest.next() {
                Some('0') => '~',
                Some('1') => '/',
                _ => return Err("a bare ~".to_owned()),
            }),
            (c, _) => out.push(c),
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::apply;

    #[test]
    fn operations_act_as_in_the_rfc() {
        let mut document = json!({"a": [1, 2], "b/c": {"~": null}});
        let patch = json!([
            {"op": "add", "path": "/a/-", "value": 3},
            {"op": "add", "path": "/a/0", "value": 0},
            {"op": "replace", "path": "/a/1", "value": [9]},
            {"op": "remove", "path": "/a/2"},
            {"op": "replace", "path": "/b~1c/~0", "value": true},
        ]);
        assert_eq!(apply(&mut document, &patch), Ok(()));
        assert_eq!(document, json!({"a": [0, [9], 3], "b/c": {"~": true}}));
    }

    #[test]
    fn a_path_that_is_not_there_is_an_error() {
        for operation in [
            json!({"op": "add", "path": "/x/y", "value": 1}),
            json!({"op": "add", "path": "/a/3", "value": 1}),
            json!({"op": "replace", "path": "/x", "value": 1}),
            json!({"op": "remove", "path": "/a/2"}),
            json!({"op": "remove", "path": "/a/-"}),
            json!({"op": "remove", "path": "/a/00"}),
            json!({"op": "test", "path": "/a", "value": [1, 2]}),
            json!({"op": "add", "path": "/a/0"}),
        ] {
            let mut document = json!({"a": [1, 2]});
            assert!(
                apply(&mut document, &json!([operation])).is_err(),
                "{operation}"
            );
        }
    }
}
