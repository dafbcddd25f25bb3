//! How large an image may be, and what size it gets when it is larger. Arithmetic only.

/// Side of the squares in which models count images, in pixels.
const SQUARE: f64 = 32.0;

/// How exactly the model is to look; its name goes into the request beside the image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// For models that take images nearly as they are: sides of 6,000 pixels, 10,000 squares.
    Original,
    /// For all others: sides of 2,048 pixels, 2,500 squares.
    High,
}

impl Detail {
    /// The word for it in a request.
    pub fn word(self) -> &'static str {
        match self {
            Self::Original => "original",
            Self::High => "high",
        }
    }

    /// Longest side, and most squares.
    fn limits(self) -> (u32, u32) {
        match self {
            Self::Original => (6000, 10_000),
            Self::High => (2048, 2500),
        }
    }
}

/// The size that fits, of the same shape; `None` when it fits already.
pub(super) fn smaller(width: u32, height: u32, detail: Detail) -> Option<(u32, u32)> {
    let (side, most) = detail.limits();
    let (mut wide, mut high) = (f64::from(width), f64::from(height));
    let longest = wide.max(high);
    if longest > f64::from(side) {
        let scale = f64::from(side) / longest;
        (wide, high) = ((wide * scale).round().max(1.0), (high * scale).round().max(1.0));
    }
    if squares(wide, high) > f64::from(most) {
        let scale = (f64::from(most) * SQUARE * SQUARE / (wide * high)).sqrt();
        let (columns, rows) = (wide * scale / SQUARE, high * scale / SQUARE);
        // Squares that are begun count whole, so the shorter way to a whole number is taken, when there is one.
        let shrink = |count: f64| if count >= 1.0 { count.floor() / count } else { 1.0 };
        let scale = scale * shrink(columns).min(shrink(rows));
        // A hair above a whole number is that number, not one more.
        let whole = |length: f64| (length * scale + 1e-6).floor().max(1.0);
        (wide, high) = (whole(wide), whole(high));
    }
    let size = (pixels(wide), pixels(high));
    (size != (width, height)).then_some(size)
}

fn squares(width: f64, height: f64) -> f64 {
    (width / SQUARE).ceil() * (height / SQUARE).ceil()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "whole, positive, and at most what came in"
)]
fn pixels(length: f64) -> u32 {
    length as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_those_that_the_codex_cli_sends() {
        let table = [
            (Detail::Original, (4000, 3000), (3669, 2752)),
            (Detail::Original, (2048, 2048), (2048, 2048)),
            (Detail::Original, (5000, 500), (5000, 500)),
            (Detail::Original, (500, 5000), (500, 5000)),
            (Detail::Original, (7000, 200), (6000, 171)),
            (Detail::Original, (12_000, 100), (6000, 50)),
            (Detail::Original, (6100, 1000), (6000, 984)),
            (Detail::Original, (3200, 3200), (3200, 3200)),
            (Detail::Original, (3300, 3300), (3200, 3200)),
            (Detail::Original, (6000, 1600), (6000, 1600)),
            (Detail::High, (4000, 3000), (1824, 1368)),
            (Detail::High, (5000, 500), (2048, 205)),
            (Detail::High, (12_000, 100), (2048, 17)),
            (Detail::High, (1000, 900), (1000, 900)),
            (Detail::High, (2000, 700), (2000, 700)),
        ];
        for (detail, (width, height), wanted) in table {
            let got = smaller(width, height, detail).unwrap_or((width, height));
            assert_eq!(got, wanted, "{width} x {height}, {detail:?}");
        }
    }

    #[test]
    fn every_size_fits_afterwards_and_stays_so() {
        let sides = [1, 2, 31, 32, 33, 500, 1599, 1601, 2047, 2049, 3199, 3201, 5999, 6001, 20_000, 30_000];
        for detail in [Detail::Original, Detail::High] {
            let (side, most) = detail.limits();
            for width in sides {
                for height in sides {
                    let (new_width, new_height) = smaller(width, height, detail).unwrap_or((width, height));
                    assert!(new_width.max(new_height) <= side && new_width.min(new_height) >= 1);
                    assert!(new_width.div_ceil(32) * new_height.div_ceil(32) <= most, "{width} x {height}");
                    assert!(new_width <= width && new_height <= height);
                    assert_eq!(smaller(new_width, new_height, detail), None, "{width} x {height}");
                }
            }
        }
    }
}
