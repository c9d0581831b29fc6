using System.IO.MemoryMappedFiles;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Monitoring.Simulator.State;

/// <summary>
/// The memory-mapped file that is the whole driver as far as clients can see. This process is its only writer;
/// the library adds to its call counters.
/// </summary>
internal sealed unsafe partial class StateFile : IDisposable
{
    /// <summary>Name of the file beside the library.</summary>
    public const string FileName = "gpu-simulator.state";

    public const uint LayoutVersion = 1;
    public const int GpuLimit = 16;
    public const int LinkLimit = 36;
    public const int ProcessLimit = 64;
    public const int MigLimit = 8;
    public const int EventLimit = 256;
    public const int SampleLimit = 128;

    private const long SystemCallFutex = 202;
    private const int FutexWake = 1;

    private readonly MemoryMappedFile _mapping;
    private readonly MemoryMappedViewAccessor _view;
    private readonly NodeState* _node;
    private bool _disposed;

    private StateFile(string path, MemoryMappedFile mapping)
    {
        Path = path;
        _mapping = mapping;
        _view = mapping.CreateViewAccessor(0, sizeof(NodeState));
        byte* pointer = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
        _node = (NodeState*)(pointer + _view.PointerOffset);
    }

    public string Path { get; }

    public ref NodeState Node
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return ref Unsafe.AsRef<NodeState>(_node);
        }
    }

    /// <summary>
    /// Creates the file under a temporary name, lets <paramref name="fill"/> write it, and renames it into place: a
    /// client meets either the old driver or the whole new one.
    /// </summary>
    public static StateFile Create(string path, StateFill fill)
    {
        var temporary = path + ".new";
        using (var file = new FileStream(temporary, FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite))
            file.SetLength(sizeof(NodeState));
        var state = new StateFile(path, MemoryMappedFile.CreateFromFile(temporary, FileMode.Open, null, sizeof(NodeState), MemoryMappedFileAccess.ReadWrite));
        try
        {
            ref var node = ref state.Node;
            "GPUSIMST"u8.CopyTo(node.Magic);
            node.LayoutVersion = LayoutVersion;
            node.TotalBytes = (ulong)sizeof(NodeState);
            fill(ref node);
            Volatile.Write(ref node.DriverLoaded, 1);
            File.Move(temporary, path, overwrite: true);
            return state;
        }
        catch
        {
            state.Dispose();
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Wakes the clients that wait for events.</summary>
    public void WakeWaiters()
    {
        Interlocked.Increment(ref Node.EventWakeup);
        _ = SystemCall(SystemCallFutex, (nint)Unsafe.AsPointer(ref Node.EventWakeup), FutexWake, int.MaxValue, 0, 0, 0);
    }

    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _mapping.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial long SystemCall(long number, nint address, int operation, int value, nint timeout, nint address2, int value3);
}

/// <summary>Writes the first content of a state file.</summary>
internal delegate void StateFill(ref NodeState node);
