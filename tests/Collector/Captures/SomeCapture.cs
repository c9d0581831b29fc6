using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Monitoring.Contracts.Captures;
using Monitoring.Contracts.Events;

namespace Monitoring.Tests.Collector.Captures;

/// <summary>Captures for tests: made of a number, with files of the wished sizes.</summary>
internal sealed class SomeCapture
{
    internal static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    internal SomeCapture(int number, params int[] sizes)
    {
        Number = number;
        var random = new Random(number);
        foreach (var (size, index) in sizes.Select(static (size, index) => (size, index)))
        {
            var bytes = new byte[size];
            random.NextBytes(bytes);
            Files.Add($"report-{index}.bin", bytes);
        }
    }

    internal int Number { get; }

    internal string Id => IdOf(Number);

    internal string Node { get; init; } = "node-1";

    internal string Rule { get; init; } = "gpu_power_drop";

    internal string Trigger { get; init; } = TriggerKinds.Rule;

    internal string Words { get; init; } = "recorded 5 s";

    internal string Job { get; init; } = "4711";

    internal int[] Gpus { get; init; } = [0];

    internal bool IsPinned { get; init; }

    internal DateTimeOffset RequestedAt => Start.AddMinutes(Number);

    /// <summary>The files but for the manifest, by name.</summary>
    internal Dictionary<string, byte[]> Files { get; } = [];

    internal static string IdOf(int number) => EventId.Of("capture", number.ToString(System.Globalization.CultureInfo.InvariantCulture));

    internal static string HashOf(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    internal SomeCapture With(string name, string text)
    {
        Files[name] = Encoding.UTF8.GetBytes(text);
        return this;
    }

    internal CaptureRequest Request => new()
    {
        Id = Id, Trigger = new CaptureTrigger(Trigger, Rule, "power fell to 210 W"), Target = new CaptureTarget(Node, Gpus, Job: Job),
        RequestedAt = RequestedAt, ExpiresAt = RequestedAt.AddHours(1), Pinned = IsPinned,
    };

    internal CaptureManifest Manifest => new()
    {
        Request = Request, Node = Node, Result = CaptureStage.Done, Words = Words, FinishedAt = RequestedAt.AddSeconds(20), Job = new JobReference("slurm", Job),
        Gpus = [.. Gpus.Select(static gpu => new CapturedGpu(gpu, $"GPU-{gpu}", "NVIDIA H100"))],
        Runs = [new ProfilerRun("nsys_system", true)],
        Processes = [new CapturedProcess(1, "python3", "alice", CommandLine: ["python3", "train.py"])],
        Files = [.. Files.Select(static file => new CaptureFile(file.Key, KindOf(file.Key), "application/octet-stream", file.Value.Length, HashOf(file.Value)))],
    };

    internal byte[] ManifestJson => JsonSerializer.SerializeToUtf8Bytes(Manifest, CaptureJson.Readable.CaptureManifest);

    /// <summary>Every file, the manifest last.</summary>
    internal IEnumerable<(string Name, byte[] Bytes)> All => [.. Files.Select(static file => (file.Key, file.Value)), (CaptureManifest.FileName, ManifestJson)];

    internal UploadMetadata MetadataOf(string name, byte[] bytes) => new(Id, Node, name, KindOf(name), HashOf(bytes));

    /// <summary>Writes it as a node's bundle.</summary>
    internal string WriteTo(string directory)
    {
        var folder = Path.Combine(directory, Id);
        Directory.CreateDirectory(folder);
        foreach (var (name, bytes) in All) File.WriteAllBytes(Path.Combine(folder, name), bytes);
        return folder;
    }

    private static string KindOf(string name) => name switch
    {
        CaptureManifest.FileName => CaptureFileKinds.Manifest,
        CaptureManifest.SummaryFileName => CaptureFileKinds.Summary,
        _ => CaptureFileKinds.Report,
    };
}
