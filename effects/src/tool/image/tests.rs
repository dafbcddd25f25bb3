//! Images that are made here, written to real files and read back.

use std::fs;

use image::{DynamicImage, GrayImage, ImageBuffer, Luma, Rgb, RgbImage, Rgba, RgbaImage};

use super::*;

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn with(&self, name: &str, bytes: impl AsRef<[u8]>) -> std::path::PathBuf {
        let path = self.0.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    fn load(&self, bytes: impl AsRef<[u8]>, detail: Detail) -> Result<Image, Fault> {
        load(&self.with("picture", bytes), detail)
    }
}

fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// Left half red, right half blue.
fn halves(width: u32, height: u32) -> DynamicImage {
    let colour = |x, _| if x < width / 2 { Rgb([255, 0, 0]) } else { Rgb([0, 0, 255]) };
    RgbImage::from_fn(width, height, colour).into()
}

fn decoded(image: &Image) -> DynamicImage {
    image::load_from_memory(&image.bytes).unwrap()
}

#[test]
fn what_fits_goes_through_byte_for_byte() {
    let folder = Folder::new();
    let kinds = [
        (ImageFormat::Png, "image/png"),
        (ImageFormat::Jpeg, "image/jpeg"),
        (ImageFormat::Gif, "image/gif"),
        (ImageFormat::WebP, "image/webp"),
    ];
    for (format, media_type) in kinds {
        let bytes = encoded(&halves(64, 48), format);
        let image = folder.load(&bytes, Detail::High).unwrap();
        assert_eq!(image, Image { media_type, bytes: bytes.clone(), width: 64, height: 48 });
        assert_eq!(image.data_url(), format!("data:{media_type};base64,{}", STANDARD.encode(&bytes)));
    }
}

#[test]
fn what_is_too_large_is_made_smaller_and_looks_the_same() {
    let folder = Folder::new();
    let kinds = [
        (ImageFormat::Png, "image/png"),
        (ImageFormat::Jpeg, "image/jpeg"),
        (ImageFormat::Gif, "image/png"),
        (ImageFormat::WebP, "image/png"),
    ];
    for (format, media_type) in kinds {
        let image = folder.load(encoded(&halves(2400, 300), format), Detail::High).unwrap();
        assert_eq!((image.media_type, image.width, image.height), (media_type, 2048, 256));
        let picture = decoded(&image).to_rgb8();
        assert_eq!(picture.dimensions(), (2048, 256));
        let (left, right) = (picture.get_pixel(200, 100), picture.get_pixel(1800, 100));
        assert!(left[0] > 240 && left[2] < 15, "{format:?}: {left:?}");
        assert!(right[2] > 240 && right[0] < 15, "{format:?}: {right:?}");
        assert_eq!(recognise(&image.bytes).map(|(_, known)| known), Some(media_type));
    }
}

#[test]
fn a_very_large_one_is_made_smaller_in_two_steps() {
    let image = Folder::new().load(encoded(&halves(9000, 500), ImageFormat::Png), Detail::High).unwrap();
    assert_eq!((image.width, image.height), (2048, 114));
    let picture = decoded(&image).to_rgb8();
    assert_eq!((picture.get_pixel(1000, 50), picture.get_pixel(1048, 50)), (&Rgb([255, 0, 0]), &Rgb([0, 0, 255])));
}

#[test]
fn what_is_seen_through_stays_so() {
    let picture: DynamicImage = RgbaImage::from_pixel(2400, 10, Rgba([9, 200, 30, 77])).into();
    let image = Folder::new().load(encoded(&picture, ImageFormat::Png), Detail::High).unwrap();
    assert_eq!(decoded(&image).to_rgba8().get_pixel(5, 5), &Rgba([9, 200, 30, 77]));
    // What has fewer colours, or finer ones, comes out in the same colours.
    let grey: DynamicImage = GrayImage::from_pixel(2400, 10, Luma([100])).into();
    let fine: DynamicImage = ImageBuffer::from_pixel(2400, 10, Luma([100_u16 << 8])).into();
    let fine_colours: DynamicImage =
        ImageBuffer::from_pixel(2400, 10, Rgba([100_u16 << 8, 25_700, 25_700, 65_535])).into();
    for picture in [grey, fine, fine_colours] {
        let image = Folder::new().load(encoded(&picture, ImageFormat::Png), Detail::High).unwrap();
        let wanted = RgbImage::from_pixel(2048, 9, Rgb([100; 3]));
        assert_eq!(decoded(&image), DynamicImage::from(wanted));
    }
}

#[test]
fn a_turned_photograph_stands_upright_when_it_is_written_again() {
    // An Exif block that says: turn by 90 degrees.
    let exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
    let plain = encoded(&halves(2400, 300), ImageFormat::Jpeg);
    let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    let turned = [&plain[..2], &[0xff, 0xe1], &length, exif, &plain[2..]].concat();
    let image = Folder::new().load(&turned, Detail::High).unwrap();
    assert_eq!((image.width, image.height), (256, 2048));
    assert!(decoded(&image).to_rgb8().get_pixel(100, 100)[0] > 240, "what was left is up");
}

/// A PNG that declares this size and holds almost nothing.
fn png_of(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = encoded(&halves(1, 1), ImageFormat::Png);
    bytes[16..20].copy_from_slice(&width.to_be_bytes());
    bytes[20..24].copy_from_slice(&height.to_be_bytes());
    let mut crc = flate2::Crc::new();
    crc.update(&bytes[12..29]);
    bytes[29..33].copy_from_slice(&crc.sum().to_be_bytes());
    bytes
}

#[test]
fn declared_sizes_are_refused_before_anything_is_decoded() {
    let folder = Folder::new();
    for (width, height) in [(65_000, 65_000), (1_000_000, 1), (1, 1_000_000), (20_000, 20_000)] {
        let fault = folder.load(png_of(width, height), Detail::High).unwrap_err();
        assert!(fault.summary.contains(&format!("{width} x {height} pixels")), "{}", fault.line());
    }
    let mut gif = encoded(&halves(4, 4), ImageFormat::Gif);
    gif[6..10].copy_from_slice(&[0xff; 4]);
    let fault = folder.load(gif, Detail::High).unwrap_err();
    assert!(fault.summary.contains("65535 x 65535 pixels"), "{}", fault.line());
}

#[test]
fn a_damaged_image_is_told_as_such_at_every_cut() {
    let folder = Folder::new();
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Gif, ImageFormat::WebP] {
        let bytes = encoded(&halves(40, 30), format);
        for cut in [12, 20, 33, bytes.len() / 2] {
            match folder.load(&bytes[..cut], Detail::High) {
                Err(fault) => {
                    assert!(fault.summary.contains("it is damaged"), "{format:?} cut at {cut}: {}", fault.line());
                    assert_eq!(fault.kind, FaultKind::Malformed);
                }
                // Half a photograph is a photograph, too.
                Ok(image) => assert!(format == ImageFormat::Jpeg && cut > 33, "{format:?} cut at {cut}: {image:?}"),
            }
        }
    }
}

#[test]
fn other_content_is_named() {
    let folder = Folder::new();
    let table: [(&[u8], &str); 10] = [
        (b"", "it is empty"),
        (b"%PDF-1.7\n", "a PDF document"),
        (b"BM\0\0\0\0\0\0\0\0", "a BMP image"),
        (b"II*\0", "a TIFF image"),
        (b"\0\0\0\x1cftypheic", "a HEIC image"),
        (b"\0\0\0\x1cftypavif", "an AVIF image"),
        (b"<?xml version=\"1.0\"?>\n<svg>", "an SVG drawing"),
        ("fn main() {} // grüße".as_bytes(), "content is text"),
        (b"\x7fELF\x02", "a program"),
        (b"\0\x01\x02\x03\xfe\xff", "data of an unknown kind"),
    ];
    for (bytes, words) in table {
        let fault = folder.load(bytes, Detail::High).unwrap_err();
        assert!(fault.summary.contains(words), "{}", fault.line());
    }
}

#[test]
fn only_regular_files_of_bounded_size_are_read() {
    let folder = Folder::new();
    let summary = |path: &Path| load(path, Detail::High).unwrap_err().summary;
    assert!(summary(folder.0.path()).contains("it is a folder"));
    assert!(summary(Path::new("/dev/zero")).contains("it is a device"));
    assert!(summary(&folder.0.path().join("none")).contains("No such file"));

    let pipe = folder.0.path().join("pipe");
    rustix::fs::mknodat(CWD, &pipe, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    assert!(summary(&pipe).contains("it is a pipe"), "and no writer was waited for");
    let socket = folder.0.path().join("socket");
    let _listening = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    assert!(load(&socket, Detail::High).is_err());

    let large = folder.with("large.png", b"");
    fs::File::options().write(true).open(&large).unwrap().set_len(FILE_BYTES + 1).unwrap();
    assert!(summary(&large).contains("larger than 32 MiB"));

    let link = folder.0.path().join("link.txt");
    std::os::unix::fs::symlink(folder.with("real", encoded(&halves(3, 2), ImageFormat::Png)), &link).unwrap();
    let image = load(&link, Detail::High).unwrap();
    assert_eq!((image.width, image.height, image.media_type), (3, 2, "image/png"));
}

#[test]
fn pixels_become_an_image_that_fits() {
    let image = of_pixels((3, 2), [10, 20, 30, 255].repeat(6)).unwrap();
    assert_eq!((image.media_type, image.width, image.height), ("image/png", 3, 2));
    assert!(image.data_url().starts_with("data:image/png;base64,"));
    let large = of_pixels((4000, 10), vec![0; 4000 * 10 * 4]).unwrap();
    assert!(large.width < 4000, "{}", large.width);
    assert!(of_pixels((3, 2), vec![0; 5]).is_err());
    assert!(of_pixels((40_000, 1), Vec::new()).unwrap_err().contains("more than can be read"));
    assert!(of_pixels((0, 0), Vec::new()).is_err());
}
