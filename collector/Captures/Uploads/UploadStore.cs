using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Monitoring.Contracts.Captures;
using Monitoring.Segments;
using EventId = Monitoring.Contracts.Events.EventId;

namespace Monitoring.Collector.Captures.Uploads;

/// <summary>
/// Uploads that are not complete, in a directory: of each a header, written once, and its bytes, whose number on disk is its offset.
/// A process that is killed has lost nothing that it said to have.
/// </summary>
internal sealed partial class UploadStore
{
    private const string HeaderEnding = ".json";
    private const string DataEnding = ".data";

    /// <summary>Says from which offset on bytes were written that were not checked yet; there only while they are.</summary>
    private const string UncheckedEnding = ".unchecked";

    private readonly string directory;
    private readonly CaptureSettings settings;
    private readonly TimeProvider time;
    private readonly Lock gate = new(); // guards uploads
    private readonly Dictionary<string, Upload> uploads = new(StringComparer.Ordinal);

    /// <summary>Opens the directory, which is made where it does not exist; what an earlier life left half made is removed.</summary>
    /// <exception cref="IOException">It cannot be read or written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read or written.</exception>
    public UploadStore(string directory, CaptureSettings settings, TimeProvider time)
    {
        this.directory = directory;
        this.settings = settings;
        this.time = time;
        PrivateDirectory.Create(directory);
        foreach (var path in Directory.EnumerateFiles(directory, "*" + HeaderEnding))
            if (Restore(path) is { } upload) uploads.Add(upload.Id, upload);
        foreach (var path in Directory.EnumerateFiles(directory))
            if (!uploads.ContainsKey(Path.GetFileName(path).Split('.')[0])) File.Delete(path);
    }

    /// <summary>Number of uploads, and the bytes that they will have.</summary>
    public (int Count, long Bytes, long MissingBytes) Totals
    {
        get
        {
            lock (gate) return (uploads.Count, uploads.Values.Sum(static upload => upload.Length), uploads.Values.Sum(static upload => upload.Length - upload.Offset));
        }
    }

    /// <summary>The uploads, as they are now.</summary>
    public IReadOnlyList<Upload> All
    {
        get
        {
            lock (gate) return [.. uploads.Values];
        }
    }

    /// <summary>When an upload is removed unless it grows.</summary>
    public DateTimeOffset ExpiresAt(Upload upload) => upload.TouchedAt + settings.UploadExpiry;

    /// <summary>Finds an upload.</summary>
    public Upload? Find(string id)
    {
        lock (gate) return uploads.GetValueOrDefault(id) is { } upload && ExpiresAt(upload) > time.GetUtcNow() ? upload : null;
    }

    /// <summary>The upload of a file that is under way.</summary>
    public Upload? Find(UploadMetadata metadata)
    {
        lock (gate) return uploads.Values.FirstOrDefault(upload => upload.Metadata.Capture == metadata.Capture && upload.Metadata.Name == metadata.Name);
    }

    /// <summary>True while something of a capture is under way.</summary>
    public bool IsOpen(string capture)
    {
        lock (gate) return uploads.Values.Any(upload => upload.Metadata.Capture == capture);
    }

    /// <summary>Begins an upload, which is on disk when the call returns.</summary>
    /// <exception cref="IOException">The disk refuses.</exception>
    public Upload Create(UploadMetadata metadata, string header, long length)
    {
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        var upload = new Upload(new UploadHeader(id, length, header, time.GetUtcNow()), metadata, PathOf(id, DataEnding));
        try
        {
            using (File.OpenHandle(upload.DataPath, FileMode.CreateNew, FileAccess.Write))
            {
            }
            DurableFile.Replace(PathOf(id, HeaderEnding), JsonSerializer.SerializeToUtf8Bytes(upload.Header, UploadJson.Default.UploadHeader));
        }
        catch
        {
            Erase(id);
            throw;
        }
        lock (gate) uploads.Add(id, upload);
        return upload;
    }

    /// <summary>Removes an upload, whose lock the caller holds.</summary>
    public void Remove(Upload upload)
    {
        lock (gate) uploads.Remove(upload.Id);
        upload.IsGone = true;
        Erase(upload.Id);
    }

    /// <summary>Hands the bytes of a complete upload over by renaming them; the upload is gone then. The caller holds its lock.</summary>
    /// <exception cref="IOException">They could not be renamed.</exception>
    public void MoveTo(Upload upload, string path)
    {
        DurableFile.Move(upload.DataPath, path);
        Remove(upload);
    }

    /// <summary>Removes uploads that have rested for too long.</summary>
    /// <returns>How many.</returns>
    public int Sweep()
    {
        List<Upload> expired;
        lock (gate) expired = [.. uploads.Values.Where(upload => ExpiresAt(upload) <= time.GetUtcNow())];
        var removed = 0;
        foreach (var upload in expired)
        {
            if (!upload.TryHold()) continue;
            Remove(upload);
            removed++;
        }
        return removed;
    }

    /// <summary>Notes that bytes from here on are not checked: should the process end now, the next one cuts them off.</summary>
    internal void BeginUnchecked(Upload upload) => File.WriteAllText(PathOf(upload.Id, UncheckedEnding), upload.Offset.ToString(System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>The bytes are checked, or cut off.</summary>
    internal void EndUnchecked(Upload upload) => File.Delete(PathOf(upload.Id, UncheckedEnding));

    /// <summary>Notes that an upload grew.</summary>
    internal void Touch(Upload upload)
    {
        upload.TouchedAt = time.GetUtcNow();
        File.SetLastWriteTimeUtc(upload.DataPath, upload.TouchedAt.UtcDateTime);
    }

    private Upload? Restore(string headerPath)
    {
        var id = Path.GetFileNameWithoutExtension(headerPath);
        var data = new FileInfo(PathOf(id, DataEnding));
        if (!EventId.IsValid(id) || !data.Exists || ReadHeader(headerPath) is not { } header || header.Id != id || UploadMetadata.Read(header.Metadata, out _) is not { } metadata) return null;
        var length = data.Length;
        if (File.Exists(PathOf(id, UncheckedEnding)) || length > header.Length)
        {
            // A mark that was cut off itself says nothing: then nothing was written yet, for it comes first.
            length = long.TryParse(ReadText(PathOf(id, UncheckedEnding)), out var start) ? Math.Min(start, length) : Math.Min(length, header.Length);
            using (var handle = File.OpenHandle(data.FullName, FileMode.Open, FileAccess.ReadWrite)) RandomAccess.SetLength(handle, length);
            File.Delete(PathOf(id, UncheckedEnding));
        }
        return new Upload(header, metadata, data.FullName) { Offset = length, TouchedAt = data.LastWriteTimeUtc };
    }

    private static UploadHeader? ReadHeader(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), UploadJson.Default.UploadHeader);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string ReadText(string path) => File.Exists(path) ? File.ReadAllText(path) : "";

    private void Erase(string id)
    {
        // The header first: bytes without one are removed at the next start.
        foreach (var ending in (string[])[HeaderEnding, HeaderEnding + ".new", UncheckedEnding, DataEnding]) File.Delete(PathOf(id, ending));
    }

    private string PathOf(string id, string ending) => Path.Combine(directory, id + ending);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(UploadHeader))]
internal sealed partial class UploadJson : JsonSerializerContext;
