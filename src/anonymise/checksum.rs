//! Check digits: numbers that show by themselves that they are an account's or a person's.
//!
//! They only ever make an unexplained number suspicious. A number that its writer calls an account is one, checked or not:
//! a typing error still leads to a person.

/// Luhn, of payment cards.
pub(super) fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, digit)| match (at % 2, u32::from(*digit)) {
            (0, digit) => digit,
            (_, digit) if digit > 4 => digit * 2 - 9,
            (_, digit) => digit * 2,
        })
        .sum();
    sum.is_multiple_of(10)
}

/// Verhoeff, of Aadhaar numbers.
pub(super) fn verhoeff(digits: &[u8]) -> bool {
    const TURNS: [u8; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    // Multiplication in the dihedral group of order ten.
    let times = |one: u8, other: u8| match (one < 5, other < 5) {
        (true, true) => (one + other) % 5,
        (true, false) => (one + other - 5) % 5 + 5,
        (false, true) => (one - 5 + 5 - other) % 5 + 5,
        (false, false) => (one + 5 - other) % 5,
    };
    let turned = |digit: u8, times: usize| (0..times % 8).fold(digit, |digit, _| TURNS[usize::from(digit)]);
    digits.iter().rev().enumerate().fold(0, |sum, (at, digit)| times(sum, turned(*digit, at))) == 0
}

/// ISO 7064 mod 97-10, of IBANs. Letters and digits only, country first.
pub(super) fn iban(code: &str) -> bool {
    let lengths = 15..=34;
    if !lengths.contains(&code.len()) {
        return false;
    }
    let (head, tail) = code.split_at(4);
    let rest = tail.chars().chain(head.chars()).try_fold(0_u32, |rest, letter| {
        let value = letter.to_digit(36)?;
        Some(if value > 9 { (rest * 100 + value) % 97 } else { (rest * 10 + value) % 97 })
    });
    rest == Some(1)
}

fn weighed(digits: &[u8], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(digit, weight)| u32::from(*digit) * weight).sum()
}

/// ISO 7064 mod 11-2 and a plausible birthday, of Chinese identity cards. The last may be X, written as ten.
pub(super) fn chinese(digits: &[u8]) -> bool {
    const WEIGHTS: [u32; 18] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2, 1];
    digits.len() == 18 && is_date(&digits[6..14]) && weighed(digits, &WEIGHTS) % 11 == 1
}

/// Brazil's CPF.
pub(super) fn cpf(digits: &[u8]) -> bool {
    let check = |n: usize| {
        let top = u32::try_from(n + 1).unwrap_or(0);
        let weights: Vec<u32> = (2..=top).rev().collect();
        let rest = weighed(&digits[..n], &weights) * 10 % 11 % 10;
        rest == u32::from(digits[n])
    };
    digits.len() == 11 && digits.iter().any(|digit| *digit != digits[0]) && check(9) && check(10)
}

/// Turkey's identity number.
pub(super) fn turkish(digits: &[u8]) -> bool {
    if digits.len() != 11 || digits[0] == 0 {
        return false;
    }
    let odd: i32 = digits[..9].iter().step_by(2).map(|digit| i32::from(*digit)).sum();
    let even: i32 = digits[1..8].iter().step_by(2).map(|digit| i32::from(*digit)).sum();
    let sum: i32 = digits[..10].iter().map(|digit| i32::from(*digit)).sum();
    (odd * 7 - even).rem_euclid(10) == i32::from(digits[9]) && sum % 10 == i32::from(digits[10])
}

/// Thailand's identity number.
pub(super) fn thai(digits: &[u8]) -> bool {
    const WEIGHTS: [u32; 12] = [13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2];
    digits.len() == 13 && (11 - weighed(&digits[..12], &WEIGHTS) % 11) % 10 == u32::from(digits[12])
}

/// Mexico's CLABE.
pub(super) fn clabe(digits: &[u8]) -> bool {
    let sum: u32 =
        digits.iter().take(17).zip([3, 7, 1].into_iter().cycle()).map(|(digit, weight)| u32::from(*digit) * weight % 10).sum();
    digits.len() == 18 && (10 - sum % 10) % 10 == u32::from(digits[17])
}

/// Poland's PESEL.
pub(super) fn pesel(digits: &[u8]) -> bool {
    const WEIGHTS: [u32; 10] = [1, 3, 7, 9, 1, 3, 7, 9, 1, 3];
    digits.len() == 11
        && (10 - weighed(&digits[..10], &WEIGHTS) % 10) % 10 == u32::from(digits[10])
        && (1..=31).contains(&(digits[4] * 10 + digits[5]))
}

/// Whether Indonesia's NIK has a day, 40 more for women, and a month.
pub(super) fn nik(digits: &[u8]) -> bool {
    digits.len() == 16 && {
        let day = (digits[6] * 10 + digits[7]) % 40;
        let month = digits[8] * 10 + digits[9];
        (1..=9).contains(&digits[0]) && (1..=31).contains(&day) && digits[6] * 10 + digits[7] <= 71 && (1..=12).contains(&month)
    }
}

/// Eight digits that are year, month and day.
fn is_date(digits: &[u8]) -> bool {
    let century = digits[0] * 10 + digits[1];
    let (month, day) = (digits[4] * 10 + digits[5], digits[6] * 10 + digits[7]);
    matches!(century, 19 | 20) && (1..=12).contains(&month) && (1..=31).contains(&day)
}

/// Singapore's NRIC and FIN, upper-case.
pub(super) fn nric(code: &[u8]) -> bool {
    let [first, digits @ .., last] = code else { return false };
    if digits.len() != 7 || !digits.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let values: Vec<u8> = digits.iter().map(|digit| digit - b'0').collect();
    let sum = usize::try_from(weighed(&values, &[2, 7, 6, 5, 4, 3, 2])).unwrap_or(0);
    let letter = match first {
        b'S' => b"JZIHGFEDCBA"[sum % 11],
        b'T' => b"JZIHGFEDCBA"[(sum + 4) % 11],
        b'F' => b"XWUTRQPNMLK"[sum % 11],
        b'G' => b"XWUTRQPNMLK"[(sum + 4) % 11],
        b'M' => b"KLJNPQRTUWX"[10 - (sum + 3) % 11],
        _ => return false,
    };
    letter == *last
}

/// Spain's NIF and NIE, upper-case.
pub(super) fn nif(code: &[u8]) -> bool {
    let [digits @ .., last] = code else { return false };
    if digits.len() != 8 {
        return false;
    }
    let first = match digits[0] {
        b'X' => b'0',
        b'Y' => b'1',
        b'Z' => b'2',
        other => other,
    };
    let number = digits[1..].iter().try_fold(u32::from(first.wrapping_sub(b'0')), |number, digit| {
        (digit.is_ascii_digit()).then(|| number * 10 + u32::from(digit - b'0'))
    });
    first.is_ascii_digit()
        && number.is_some_and(|number| b"TRWAGMYFPDXBNJZSQVHLCKE"[usize::try_from(number % 23).unwrap_or(0)] == *last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digits(text: &str) -> Vec<u8> {
        text.bytes().map(|byte| if byte == b'X' { 10 } else { byte - b'0' }).collect()
    }

    #[test]
    fn published_examples_pass_and_a_wrong_digit_fails() {
        type Check = fn(&[u8]) -> bool;
        let cases: [(Check, &str); 9] = [
            (luhn, "4111111111111111"),
            (verhoeff, "2363"),
            (chinese, "11010519491231002X"),
            (cpf, "11144477735"),
            (turkish, "10000000146"),
            (thai, "1101700203450"),
            (clabe, "032180000118359719"),
            (pesel, "44051401359"),
            (nik, "3171234567890123"),
        ];
        for (check, number) in &cases[..8] {
            let mut number = digits(number);
            assert!(check(&number), "{number:?}");
            let last = number.len() - 1;
            number[last] = (number[last] + 1) % 10;
            assert!(!check(&number), "{number:?}");
        }
        assert!(!nik(&digits(cases[8].1)));
        assert!(iban("GB82WEST12345698765432") && !iban("GB82WEST12345698765433"));
        assert!(nric(b"S1234567D") && !nric(b"S1234567A"));
        assert!(nif(b"12345678Z") && nif(b"X1234567L") && !nif(b"12345678A"));
    }
}
