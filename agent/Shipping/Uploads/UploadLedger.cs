using System.Text.Json;
using System.Text.Json.Serialization;
using Monitoring.Segments;
using EventId = Monitoring.Contracts.Events.EventId;

namespace Monitoring.Agent.Shipping.Uploads;

/// <summary>
/// Where the uploads of bundles go on after a restart: of each capture a small file with the URLs that the collector gave. To lose one
/// costs the bytes that were sent, nothing else.
/// </summary>
/// <param name="stateDirectory">The directory for what must outlive a restart; empty keeps it in memory.</param>
internal sealed class UploadLedger(string stateDirectory)
{
    private const string Folder = "uploads";
    private const string Ending = ".json";

    private readonly Dictionary<string, Dictionary<string, string>> known = new(StringComparer.Ordinal);

    /// <summary>Where it lies; empty for nowhere.</summary>
    internal string DirectoryPath { get; } = stateDirectory.Length > 0 ? Path.Combine(stateDirectory, Folder) : "";

    /// <summary>The URL of an upload that was begun; null where there is none.</summary>
    internal Uri? Find(string capture, string file) => Of(capture).GetValueOrDefault(file) is { } url && Uri.TryCreate(url, UriKind.Absolute, out var parsed) ? parsed : null;

    /// <summary>Remembers the URL of an upload, or with null that there is none any more.</summary>
    internal void Set(string capture, string file, Uri? url)
    {
        var urls = Of(capture);
        if (url is null ? !urls.Remove(file) : urls.GetValueOrDefault(file) == url.ToString()) return;
        if (url is not null) urls[file] = url.ToString();
        if (DirectoryPath.Length == 0) return;
        try
        {
            PrivateDirectory.Create(DirectoryPath);
            DurableFile.Replace(PathOf(capture), JsonSerializer.SerializeToUtf8Bytes(urls, UploadLedgerJson.Default.DictionaryStringString));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // On a full disk, say: after a restart the file is sent from its beginning.
        }
    }

    /// <summary>Forgets a capture.</summary>
    internal void Forget(string capture)
    {
        known.Remove(capture);
        if (DirectoryPath.Length > 0 && EventId.IsValid(capture)) TryDelete(PathOf(capture));
    }

    /// <summary>Forgets every capture but these.</summary>
    internal void KeepOnly(IReadOnlySet<string> captures)
    {
        foreach (var capture in known.Keys.Where(capture => !captures.Contains(capture)).ToList()) known.Remove(capture);
        if (!Directory.Exists(DirectoryPath)) return;
        foreach (var path in Directory.GetFiles(DirectoryPath))
            if (!captures.Contains(Path.GetFileName(path).Split('.')[0])) TryDelete(path);
    }

    private Dictionary<string, string> Of(string capture)
    {
        if (known.TryGetValue(capture, out var urls)) return urls;
        return known[capture] = DirectoryPath.Length > 0 && EventId.IsValid(capture) ? Read(PathOf(capture)) : [];
    }

    private static Dictionary<string, string> Read(string path)
    {
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize(File.ReadAllBytes(path), UploadLedgerJson.Default.DictionaryStringString) ?? [] : [];
        }
        catch (Exception fault) when (fault is JsonException or IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // It is tried again with the next bundle.
        }
    }

    private string PathOf(string capture) => Path.Combine(DirectoryPath, capture + Ending);
}

[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class UploadLedgerJson : JsonSerializerContext;
