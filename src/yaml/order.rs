//! The order of keys.

use std::cmp::Ordering;

/// go-yaml's order of keys: digits by their value, letters after everything else.
pub(super) fn natural(a: &str, b: &str) -> Ordering {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let Some(at) = a.iter().zip(&b).position(|(a, b)| a != b) else { return a.len().cmp(&b.len()) };
    let (Some(&x), Some(&y)) = (a.get(at), b.get(at)) else { return a.len().cmp(&b.len()) };
    match (x.is_alphabetic(), y.is_alphabetic()) {
        (true, true) => return x.cmp(&y),
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        (false, false) => {}
    }
    let zero_matters =
        (x == '0' || y == '0') && a.iter().take(at).rev().take_while(|c| c.is_ascii_digit()).any(|c| *c != '0');
    let run = |chars: &[char]| -> (u64, usize) {
        let start = u64::from(zero_matters);
        let digits: Vec<u64> = chars.iter().skip(at).map_while(|c| c.to_digit(10)).map(u64::from).collect();
        let value = digits.iter().fold(start, |sum, digit| sum.wrapping_mul(10).wrapping_add(*digit));
        (value, digits.len())
    };
    let ((value_x, length_x), (value_y, length_y)) = (run(&a), run(&b));
    value_x.cmp(&value_y).then(length_x.cmp(&length_y)).then(x.cmp(&y))
}
