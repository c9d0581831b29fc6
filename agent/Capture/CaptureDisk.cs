using Monitoring.Contracts.Captures;
using Monitoring.Segments;

namespace Monitoring.Agent.Capture;

/// <summary>
/// The directory of captures: <c>ID.part</c> while a bundle is made, <c>ID.scratch</c> for what profilers need meanwhile, <c>ID</c> with a
/// manifest once it is complete. Each step leaves a state that a sudden end may keep.
/// </summary>
/// <param name="root">The directory; empty where there is none.</param>
/// <param name="freeBytes">Free bytes of the file system of a path; null where it does not say.</param>
internal sealed class CaptureDisk(string root, Func<string, long?> freeBytes)
{
    private const string Part = ".part";
    private const string Scratch = ".scratch";

    /// <summary>The directory; empty where there is none.</summary>
    internal string Root => root;

    /// <summary>Called after each step; a test looks at the disk as a sudden end would leave it.</summary>
    internal Action? Stepped { get; set; }

    /// <summary>Free bytes of the disk; null where it does not say.</summary>
    internal long? FreeBytes => freeBytes(root);

    internal string PartOf(string id) => Path.Combine(root, id + Part);

    internal string ScratchOf(string id) => Path.Combine(root, id + Scratch);

    internal string BundleOf(string id) => Path.Combine(root, id);

    /// <summary>Free bytes as the system says.</summary>
    internal static long? AskFreeBytes(string path)
    {
        try
        {
            return new DriveInfo(path).AvailableFreeSpace;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>A small file of the directory; null where there is none.</summary>
    internal byte[]? Read(string name)
    {
        var path = Path.Combine(root, name);
        return File.Exists(path) ? File.ReadAllBytes(path) : null;
    }

    /// <summary>Replaces a small file of the directory.</summary>
    internal void Write(string name, ReadOnlySpan<byte> contents)
    {
        PrivateDirectory.Create(root);
        DurableFile.Replace(Path.Combine(root, name), contents);
        Stepped?.Invoke();
    }

    /// <summary>Takes a file away.</summary>
    internal void Delete(string name)
    {
        File.Delete(Path.Combine(root, name));
        Stepped?.Invoke();
    }

    /// <summary>Sets a file that cannot be read aside, for a person to look at.</summary>
    internal void SetAside(string name)
    {
        File.Move(Path.Combine(root, name), Path.Combine(root, name + ".damaged"), overwrite: true);
        Stepped?.Invoke();
    }

    /// <summary>Makes the places of a capture, empty ones.</summary>
    internal void Begin(string id)
    {
        RemoveUnfinished(id);
        PrivateDirectory.Create(PartOf(id));
        Stepped?.Invoke();
        PrivateDirectory.Create(ScratchOf(id));
        Stepped?.Invoke();
    }

    /// <summary>Makes a bundle of what was put aside: every file is on disk before the manifest is, and the manifest before the name.</summary>
    internal void Commit(string id, ReadOnlySpan<byte> manifest)
    {
        foreach (var path in Directory.EnumerateFiles(PartOf(id)))
            using (var handle = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite))
                RandomAccess.FlushToDisk(handle);
        DurableFile.Replace(Path.Combine(PartOf(id), CaptureManifest.FileName), manifest);
        Stepped?.Invoke();
        DurableFile.Move(PartOf(id), BundleOf(id));
        Stepped?.Invoke();
        RemoveDirectory(ScratchOf(id));
    }

    /// <summary>True where a bundle is complete.</summary>
    internal bool IsComplete(string id) => File.Exists(Path.Combine(BundleOf(id), CaptureManifest.FileName));

    /// <summary>Removes what is not a bundle yet.</summary>
    internal void RemoveUnfinished(string id)
    {
        RemoveDirectory(ScratchOf(id));
        RemoveDirectory(PartOf(id));
    }

    /// <summary>Removes a bundle; its manifest goes first, so that no half of one can be taken for a whole.</summary>
    internal void RemoveBundle(string id)
    {
        if (!Directory.Exists(BundleOf(id))) return;
        File.Delete(Path.Combine(BundleOf(id), CaptureManifest.FileName));
        Stepped?.Invoke();
        RemoveDirectory(BundleOf(id));
    }

    /// <summary>Ids of everything that lies there: complete bundles and whatever else has the name of a capture.</summary>
    internal (IReadOnlyList<string> Complete, IReadOnlyList<string> Others) Find()
    {
        if (!Directory.Exists(root)) return ([], []);
        List<string> complete = [];
        HashSet<string> others = new(StringComparer.Ordinal);
        foreach (var path in Directory.EnumerateDirectories(root).Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileName(path);
            var id = name.EndsWith(Part, StringComparison.Ordinal) ? name[..^Part.Length] : name.EndsWith(Scratch, StringComparison.Ordinal) ? name[..^Scratch.Length] : name;
            if (!Contracts.Events.EventId.IsValid(id)) continue;
            if (name == id && IsComplete(id)) complete.Add(id);
            else others.Add(id);
        }
        return (complete, [.. others]);
    }

    /// <summary>Bytes of what a capture has written so far.</summary>
    internal long UnfinishedBytes(string id) => SizeOf(PartOf(id)) + SizeOf(ScratchOf(id));

    /// <summary>Bytes of a bundle.</summary>
    internal long BundleBytes(string id) => SizeOf(BundleOf(id));

    private static long SizeOf(string directory)
    {
        try
        {
            return Directory.Exists(directory) ? new DirectoryInfo(directory).EnumerateFiles("*", SearchOption.AllDirectories).Sum(static file => file.Exists ? file.Length : 0) : 0;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // A profiler removes files of its own while they are counted.
            return 0;
        }
    }

    private void RemoveDirectory(string path)
    {
        if (!Directory.Exists(path)) return;
        Directory.Delete(path, recursive: true);
        Stepped?.Invoke();
    }
}
