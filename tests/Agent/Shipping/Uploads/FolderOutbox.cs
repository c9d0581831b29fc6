using Monitoring.Agent.Capture;
using Monitoring.Contracts.Captures;

namespace Monitoring.Tests.Agent.Shipping.Uploads;

/// <summary>Bundles in a folder, as a node's state directory has them; a sudden end leaves each there or gone.</summary>
internal sealed class FolderOutbox : ICaptureOutbox
{
    private readonly string directory;
    private TaskCompletionSource arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal FolderOutbox(string directory)
    {
        this.directory = directory;
        // Of an earlier life that died while it removed them.
        foreach (var gone in Directory.GetDirectories(directory, "*.gone")) Directory.Delete(gone, recursive: true);
    }

    internal List<string> Done { get; } = [];

    internal List<(string Id, string Why)> Refusals { get; } = [];

    internal List<double> Fractions { get; } = [];

    internal TaskCompletionSource Settled { get; private set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<FinishedBundle> Waiting() => [.. new DirectoryInfo(directory).EnumerateDirectories()
        .Where(static folder => File.Exists(Path.Combine(folder.FullName, CaptureManifest.FileName)) && !folder.Name.EndsWith(".gone", StringComparison.Ordinal))
        .OrderBy(static folder => folder.Name, StringComparer.Ordinal)
        .Where(folder => Refusals.All(refusal => refusal.Id != folder.Name))
        .Select(static folder => new FinishedBundle(folder.Name, folder.FullName, 0, folder.LastWriteTimeUtc))];

    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        while (Waiting().Count == 0)
        {
            Settled.TrySetResult();
            await arrived.Task.WaitAsync(cancellationToken);
            arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    public IDisposable? Hold(string id) => Directory.Exists(Path.Combine(directory, id)) ? new MemoryStream() : null;

    public void Report(string id, double fraction) => Fractions.Add(fraction);

    public void Taken(string id)
    {
        var path = Path.Combine(directory, id);
        Directory.Move(path, path + ".gone");
        Directory.Delete(path + ".gone", recursive: true);
        Done.Add(id);
    }

    public void Refused(string id, string why) => Refusals.Add((id, why));

    /// <summary>Says that a bundle was added.</summary>
    internal void Ring()
    {
        Settled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        arrived.TrySetResult();
    }
}
