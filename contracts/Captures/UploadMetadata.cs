using System.Buffers;
using System.Text;
using Monitoring.Contracts.Events;

namespace Monitoring.Contracts.Captures;

/// <summary>
/// What an upload is, as the header <c>Upload-Metadata</c> of tus 1.0 says it: a file of a capture, told from every other by capture and
/// name, with the hash that it must have.
/// </summary>
/// <param name="Capture">Id of the capture.</param>
/// <param name="Node">The node that took it.</param>
/// <param name="Name">Name of the file, without a folder.</param>
/// <param name="Kind">What it is: one of <see cref="CaptureFileKinds"/>.</param>
/// <param name="Sha256">Its SHA-256, lower-case hexadecimal.</param>
public sealed record UploadMetadata(string Capture, string Node, string Name, string Kind, string Sha256)
{
    /// <summary>Where uploads are made, below the collector's address.</summary>
    public const string Path = "/v1/captures/uploads";

    /// <summary>Header of an answer that says that the collector has the file, or with the manifest the capture.</summary>
    public const string StateHeader = "Capture-State";

    /// <summary>The file is at the collector, and its hash is right; the capture is not complete.</summary>
    public const string FileKept = "kept";

    /// <summary>The whole capture is safe at the collector; the node may remove its copy.</summary>
    public const string CaptureDone = "done";

    /// <summary>The header is refused beyond this; five values of a capture take a tenth of it.</summary>
    public const int MostCharacters = 4096;

    private const int MostPairs = 16;
    private const int MostNodeCharacters = 128;
    private const int MostKindCharacters = 32;
    private const int MostNameCharacters = 128;
    private const int HashDigits = 64;

    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");
    private static readonly SearchValues<char> HexadecimalDigits = SearchValues.Create("0123456789abcdef");

    /// <summary>True for a name that is safe as a file's on every system and in every URL.</summary>
    public static bool IsFileName(string? name) =>
        name is { Length: > 0 and <= MostNameCharacters } && char.IsAsciiLetterOrDigit(name[0]) && !name.AsSpan().ContainsAnyExcept(NameCharacters);

    /// <summary>True for a SHA-256 as it is written here.</summary>
    public static bool IsHash(string? hash) => hash is { Length: HashDigits } && !hash.AsSpan().ContainsAnyExcept(HexadecimalDigits);

    /// <summary>The header's value.</summary>
    public string Write() => $"capture {Encode(Capture)},node {Encode(Node)},name {Encode(Name)},kind {Encode(Kind)},sha256 {Encode(Sha256)}";

    /// <summary>Reads the header's value; or null and what is wrong with it. Keys of others are passed over.</summary>
    public static UploadMetadata? Read(string? header, out string error)
    {
        if (Pairs(header ?? "", out error) is not { } pairs) return null;
        var metadata = new UploadMetadata(
            pairs.GetValueOrDefault("capture", ""), pairs.GetValueOrDefault("node", ""), pairs.GetValueOrDefault("name", ""), pairs.GetValueOrDefault("kind", ""), pairs.GetValueOrDefault("sha256", ""));
        error = metadata.Mistake();
        return error.Length == 0 ? metadata : null;
    }

    private string Mistake()
    {
        if (!EventId.IsValid(Capture)) return Wrong("capture", Capture, "32 lower-case hexadecimal digits");
        if (Node.Length is 0 or > MostNodeCharacters || Node.Any(char.IsControl)) return Wrong("node", Node, $"1 to {MostNodeCharacters} characters, none of them a control character");
        if (!IsFileName(Name)) return Wrong("name", Name, $"1 to {MostNameCharacters} of A-Z, a-z, 0-9, '.', '_' and '-', the first a letter or digit");
        if (Kind.Length is 0 or > MostKindCharacters || Kind.AsSpan().ContainsAnyExcept(NameCharacters)) return Wrong("kind", Kind, "such as report or trace");
        if (!IsHash(Sha256)) return Wrong("sha256", Sha256, $"{HashDigits} lower-case hexadecimal digits");
        return (Name == CaptureManifest.FileName) == (Kind == CaptureFileKinds.Manifest)
            ? "" : Wrong("kind", Kind, $"'{CaptureFileKinds.Manifest}' for {CaptureManifest.FileName} and for no other file");
    }

    private static Dictionary<string, string>? Pairs(string header, out string error)
    {
        error = "";
        if (header.Length is 0 or > MostCharacters) error = $"Upload-Metadata has {header.Length} characters, expected 1 to {MostCharacters}";
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var part in error.Length > 0 ? [] : header.Split(','))
        {
            var words = part.Trim(' ').Split(' ');
            if (words is not [{ Length: > 0 }] and not [{ Length: > 0 }, _]) error = "Upload-Metadata is not a list of keys, each with a space and a value in base64, with commas between";
            else if (words[0].Any(static character => character is <= ' ' or > '~')) error = "a key of Upload-Metadata has a character that is not ASCII";
            else if (pairs.Count == MostPairs) error = $"Upload-Metadata has more than {MostPairs} keys";
            else if ((words.Length == 1 ? "" : Decode(words[1])) is not { } value) error = $"the value of {Excerpt(words[0])} in Upload-Metadata is not UTF-8 in base64";
            else if (!pairs.TryAdd(words[0], value)) error = $"Upload-Metadata has the key {Excerpt(words[0])} twice";
            if (error.Length > 0) break;
        }
        return error.Length == 0 ? pairs : null;
    }

    private static string Wrong(string key, string value, string expected) => $"{key} of Upload-Metadata is '{Excerpt(value)}', expected {expected}";

    private static string Excerpt(string text)
    {
        var printable = new string([.. text.Take(100).Select(static character => char.IsControl(character) ? '?' : character)]);
        return text.Length > 100 ? printable + "..." : printable;
    }

    private static string Encode(string value) => Convert.ToBase64String(Encoding.UTF8.GetBytes(value));

    private static string? Decode(string value)
    {
        // White space between, which the decoder would pass over, cannot be here but as tabs.
        if (value.AsSpan().ContainsAny('\t', '\r', '\n')) return null;
        var bytes = new byte[value.Length];
        if (!Convert.TryFromBase64String(value, bytes, out var count)) return null;
        try
        {
            return new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(bytes, 0, count);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
