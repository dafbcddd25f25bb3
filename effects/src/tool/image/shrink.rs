//! Makes a picture smaller: every new pixel is the mean of what it covers. Works on one row at a time, so that nothing is held
//! beside the picture and the smaller one.

use image::{ColorType, RgbaImage};

use super::pixels;

/// Red, green and blue by opacity, and opacity.
type Sum = [f32; 4];

/// The picture in these bytes, of the new size, which must not be larger. `None` for colours that no decoder of ours gives.
pub(super) fn shrunk(kind: ColorType, bytes: &[u8], size: (u32, u32), new_size: (u32, u32)) -> Option<RgbaImage> {
    let (width, height) = (size.0 as usize, size.1 as usize);
    let (new_width, new_height) = (new_size.0 as usize, new_size.1 as usize);
    let row_bytes = width * usize::from(kind.bytes_per_pixel());
    let mut picture = Vec::with_capacity(new_width * new_height * 4);
    let mut sums = vec![Sum::default(); new_width];
    let mut row_sums = vec![Sum::default(); new_width];
    for (y, row) in bytes.chunks_exact(row_bytes).take(height).enumerate() {
        across(&pixels::rgba(kind, row.to_vec())?, &mut row_sums);
        let (at, here, next) = shares(y, height, new_height);
        add(&mut sums, &row_sums, here);
        let is_last = y + 1 == height;
        // The row ends in the next new one, or just where a new one ends.
        if shares(y + 1, height, new_height).0 > at || is_last {
            finish(&mut sums, &mut picture);
            add(&mut sums, &row_sums, next);
        }
    }
    RgbaImage::from_raw(new_size.0, new_size.1, picture)
}

/// Which new row or column an old one begins in, and how much of a new one it covers there and in the next.
fn shares(at: usize, count: usize, new_count: usize) -> (usize, f32, f32) {
    // In whole numbers, so that nothing is lost over many rows: an old one is `new_count` long, a new one `count`.
    let start = at * new_count;
    let first = start / count;
    let room = (first + 1) * count - start;
    let (here, next) = (new_count.min(room), new_count.saturating_sub(room));
    (first, here as f32 / count as f32, next as f32 / count as f32)
}

/// A row of the new width. Plain loops: they run for every pixel of the picture.
fn across(row: &[u8], sums: &mut [Sum]) {
    sums.fill(Sum::default());
    let (row, _) = row.as_chunks::<4>();
    let count = row.len() as f32;
    let share = sums.len() as f32 / count;
    // What is left of the new pixel, in old ones: in whole numbers, so that nothing is lost over many.
    let (length, mut room, mut at) = (sums.len(), row.len(), 0);
    let mut sum = Sum::default();
    for [red, green, blue, opacity] in row {
        let opacity = f32::from(*opacity);
        let value = [f32::from(*red) * opacity, f32::from(*green) * opacity, f32::from(*blue) * opacity, opacity];
        if length < room {
            room -= length;
            add_to(&mut sum, &value, share);
            continue;
        }
        let rest = length - room;
        add_to(&mut sum, &value, room as f32 / count);
        if let Some(place) = sums.get_mut(at) {
            *place = sum;
        }
        at += 1;
        room = row.len() - rest;
        sum = Sum::default();
        add_to(&mut sum, &value, rest as f32 / count);
    }
}

fn add_to(sum: &mut Sum, value: &Sum, share: f32) {
    sum[0] += value[0] * share;
    sum[1] += value[1] * share;
    sum[2] += value[2] * share;
    sum[3] += value[3] * share;
}

fn add(sums: &mut [Sum], row: &[Sum], share: f32) {
    for (sum, value) in sums.iter_mut().zip(row) {
        add_to(sum, value, share);
    }
}

/// Writes a new row, and begins the next one.
fn finish(sums: &mut [Sum], picture: &mut Vec<u8>) {
    for sum in sums {
        let [red, green, blue, opacity] = std::mem::take(sum);
        let colour = |value: f32| if opacity > 0.0 { byte(value / opacity) } else { 0 };
        picture.extend([colour(red), colour(green), colour(blue), byte(opacity)]);
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 255")]
fn byte(value: f32) -> u8 {
    value.round().clamp(0.0, 255.0) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_new_pixel_is_the_mean_of_what_it_covers() {
        let grey = |bytes: &[u8], size, new_size| {
            let picture = shrunk(ColorType::L8, bytes, size, new_size).unwrap();
            picture.pixels().map(|pixel| pixel[0]).collect::<Vec<_>>()
        };
        assert_eq!(grey(&[10, 20, 30, 40], (4, 1), (2, 1)), [15, 35]);
        assert_eq!(grey(&[10, 20, 30, 40], (1, 4), (1, 2)), [15, 35]);
        assert_eq!(grey(&[0, 90, 180], (3, 1), (2, 1)), [30, 150]);
        assert_eq!(grey(&[0, 90, 180], (1, 3), (1, 2)), [30, 150]);
        assert_eq!(grey(&[7, 8, 9, 10], (2, 2), (2, 2)), [7, 8, 9, 10]);
        assert_eq!(grey(&[0, 100, 200, 100], (2, 2), (1, 1)), [100]);
    }

    #[test]
    fn what_cannot_be_seen_colours_nothing() {
        let bytes = [255, 0, 0, 0, 0, 0, 255, 255];
        let picture = shrunk(ColorType::Rgba8, &bytes, (2, 1), (1, 1)).unwrap();
        assert_eq!(picture.into_raw(), [0, 0, 255, 128]);
    }

    #[test]
    fn all_sizes_have_all_their_rows() {
        for (height, new_height) in [(1, 1), (7, 3), (300, 299), (1000, 1), (2048, 137), (999, 500)] {
            let bytes = vec![200; 2 * height as usize];
            let picture = shrunk(ColorType::L8, &bytes, (2, height), (1, new_height)).unwrap();
            assert!(picture.pixels().all(|pixel| pixel.0 == [200, 200, 200, 255]), "{height} to {new_height}");
        }
    }
}
