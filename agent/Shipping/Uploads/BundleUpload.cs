using System.Security.Cryptography;
using System.Text.Json;
using Monitoring.Agent.Capture;
using Monitoring.Contracts.Captures;

namespace Monitoring.Agent.Shipping.Uploads;

/// <summary>Sends the files of one bundle, each from where it stood, the manifest last.</summary>
internal sealed class BundleUpload
{
    // What arrives damaged again and again is damaged here.
    private const int DamagedAtMost = 3;

    // An offset is asked for after an answer that was lost; more often in a row the collector contradicts itself.
    private const int AsksAtMost = 5;

    private readonly FinishedBundle bundle;
    private readonly CaptureManifest manifest;
    private readonly List<CaptureFile> files;
    private readonly TusClient client;
    private readonly UploadLedger ledger;
    private readonly UploadThrottle throttle;
    private readonly HashSet<string> kept = new(StringComparer.Ordinal);
    private readonly long totalBytes;
    private readonly Action<double> progressed;
    private long keptBytes;
    private long sentBytes;
    private int damaged;

    private BundleUpload(FinishedBundle bundle, CaptureManifest manifest, CaptureFile self, TusClient client, UploadLedger ledger, UploadThrottle throttle, Action<double> progressed)
    {
        this.bundle = bundle;
        this.manifest = manifest;
        this.client = client;
        this.ledger = ledger;
        this.throttle = throttle;
        this.progressed = progressed;
        files = [.. manifest.Files, self];
        totalBytes = Math.Max(1, files.Sum(static file => file.SizeBytes));
    }

    /// <summary>Reads a bundle's manifest; null and why where it cannot be.</summary>
    internal static BundleUpload? Open(FinishedBundle bundle, TusClient client, UploadLedger ledger, UploadThrottle throttle, Action<double> progressed, out string error)
    {
        error = "";
        try
        {
            var bytes = File.ReadAllBytes(Path.Combine(bundle.Directory, CaptureManifest.FileName));
            var manifest = JsonSerializer.Deserialize(bytes, CaptureJson.Default.CaptureManifest) ?? throw new JsonException("it is null");
            var self = new CaptureFile(CaptureManifest.FileName, CaptureFileKinds.Manifest, "application/json", bytes.Length, Convert.ToHexStringLower(SHA256.HashData(bytes)));
            if (manifest.Files.FirstOrDefault(static file => !UploadMetadata.IsFileName(file.Name)) is { } strange) throw new JsonException($"'{strange.Name}' is no name of a file");
            return new BundleUpload(bundle, manifest, self, client, ledger, throttle, progressed);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or JsonException)
        {
            error = $"its manifest cannot be read: {fault.Message}";
            return null;
        }
    }

    /// <summary>Sends until the capture is at the collector or something is in the way.</summary>
    internal async Task<UploadOutcome> SendAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var outcome = await PassAsync(cancellationToken).ConfigureAwait(false);
            if (outcome.Verdict != UploadVerdict.Incomplete) return outcome;
            kept.Clear();
            keptBytes = 0;
            if (++damaged >= DamagedAtMost) return outcome with { Verdict = UploadVerdict.Refused, Words = $"files arrive damaged or incomplete {damaged} times: {outcome.Words}" };
        }
    }

    private async Task<UploadOutcome> PassAsync(CancellationToken cancellationToken)
    {
        foreach (var file in files)
        {
            if (kept.Contains(file.Name)) continue;
            var outcome = await SendAsync(file, cancellationToken).ConfigureAwait(false);
            if (outcome.Verdict != UploadVerdict.FileKept) return outcome;
            kept.Add(file.Name);
            keptBytes += file.SizeBytes;
            Told(0);
        }
        // It has the manifest, and does not say that it has the capture: it is another kind of receiver.
        return new UploadOutcome(UploadVerdict.NoCollector, "not_done", "the receiver takes files and keeps no captures");
    }

    private async Task<UploadOutcome> SendAsync(CaptureFile file, CancellationToken cancellationToken)
    {
        var (url, offset) = (ledger.Find(bundle.Id, file.Name), -1L);
        // Another collector's, of before a change of the settings.
        if (url is not null && !url.ToString().StartsWith(client.Url + "/", StringComparison.Ordinal)) url = null;
        FileStream? stream = null;
        try
        {
            var asks = 0;
            for (var isBegun = false; ;)
            {
                UploadOutcome outcome;
                if (url is null)
                {
                    outcome = await client.CreateAsync(new UploadMetadata(bundle.Id, manifest.Node, file.Name, file.Kind, file.Sha256), file.SizeBytes, cancellationToken).ConfigureAwait(false);
                    if (outcome.Verdict == UploadVerdict.Taken && !isBegun)
                    {
                        (url, offset, isBegun) = (outcome.Url, 0, true);
                        ledger.Set(bundle.Id, file.Name, url);
                        continue;
                    }
                    // Begun twice in one go: it was lost in between, and haste does not help.
                    return outcome.Verdict == UploadVerdict.Taken ? new UploadOutcome(UploadVerdict.Later, "lost", "the collector loses uploads that it has begun") : outcome;
                }
                if (offset < 0) outcome = await client.OffsetAsync(url, cancellationToken).ConfigureAwait(false);
                else
                {
                    stream ??= new FileStream(Path.Combine(bundle.Directory, file.Name), FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.Asynchronous | FileOptions.SequentialScan);
                    stream.Position = offset;
                    sentBytes = 0;
                    var from = offset;
                    outcome = await client.SendAsync(url, stream, offset, file.SizeBytes, throttle, bytes => Told(from + (sentBytes += bytes)), cancellationToken).ConfigureAwait(false);
                }
                switch (outcome.Verdict)
                {
                    case UploadVerdict.Taken when outcome.Offset > file.SizeBytes || (offset >= 0 && outcome.Offset <= offset):
                        // Of another length, or without any headway: begin it anew, once.
                        goto case UploadVerdict.Anew;
                    case UploadVerdict.Taken:
                        if (offset >= 0) asks = 0;
                        offset = outcome.Offset;
                        continue;
                    case UploadVerdict.Ask when offset >= 0 && ++asks < AsksAtMost:
                        offset = -1;
                        continue;
                    case UploadVerdict.Anew:
                        url = null;
                        ledger.Set(bundle.Id, file.Name, null);
                        continue;
                    case UploadVerdict.FileKept or UploadVerdict.CaptureDone or UploadVerdict.Incomplete or UploadVerdict.Refused:
                        ledger.Set(bundle.Id, file.Name, null);
                        return outcome;
                    case UploadVerdict.Ask:
                        return outcome with { Verdict = UploadVerdict.Later };
                    default:
                        return outcome;
                }
            }
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException || fault is HttpRequestException { InnerException: FileNotFoundException })
        {
            return new UploadOutcome(UploadVerdict.Refused, "unreadable", $"{file.Name} cannot be read: {fault.Message}");
        }
        finally
        {
            if (stream is not null) await stream.DisposeAsync().ConfigureAwait(false);
        }
    }

    private void Told(long ofFile) => progressed(Math.Min(1, (double)(keptBytes + ofFile) / totalBytes));
}
