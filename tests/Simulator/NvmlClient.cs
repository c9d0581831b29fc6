using System.Runtime.InteropServices;
using System.Text;
using FluentAssertions;

namespace Monitoring.Tests.Simulator;

/// <summary>Calls the simulated library as any client does: by name, through its C interface, with buffers of bytes.</summary>
internal sealed unsafe class NvmlClient(string path) : IDisposable
{
    public const int Success = 0;
    public const int Uninitialized = 1;
    public const int InvalidArgument = 2;
    public const int NotSupported = 3;
    public const int NoPermission = 4;
    public const int NotFound = 6;
    public const int InsufficientSize = 7;
    public const int DriverNotLoaded = 9;
    public const int TimedOut = 10;
    public const int FunctionNotFound = 13;
    public const int GpuIsLost = 15;
    public const int VersionMismatch = 25;

    private readonly nint _library = NativeLibrary.Load(path);

    public nint Export(string name) => NativeLibrary.GetExport(_library, name);

    public bool Exports(string name) => NativeLibrary.TryGetExport(_library, name, out _);

    public int Init() => Call("nvmlInit_v2");

    public int Shutdown() => Call("nvmlShutdown");

    public nint Handle(uint index)
    {
        nint handle = 0;
        Call("nvmlDeviceGetHandleByIndex_v2", (nint)index, (nint)(&handle)).Should().Be(Success);
        return handle;
    }

    /// <summary>A call with up to six arguments of integers or pointers; arguments that a function does not take do no harm.</summary>
    public int Call(string name, nint a = 0, nint b = 0, nint c = 0, nint d = 0, nint e = 0, nint f = 0) =>
        ((delegate* unmanaged[Cdecl]<nint, nint, nint, nint, nint, nint, int>)Export(name))(a, b, c, d, e, f);

    /// <summary>A call whose last argument is a record of this many bytes; <paramref name="record"/> is its content before and after.</summary>
    public int Call(string name, nint handle, Span<byte> record)
    {
        fixed (byte* bytes = record) return Call(name, handle, (nint)bytes);
    }

    public (int Result, uint Value) ReadUInt(string name, nint handle)
    {
        uint value = 0xdeadbeef;
        var result = Call(name, handle, (nint)(&value));
        return (result, value);
    }

    public (int Result, ulong Value) ReadWide(string name, nint handle)
    {
        ulong value = 0;
        var result = Call(name, handle, (nint)(&value));
        return (result, value);
    }

    public (int Result, string Text) ReadText(string name, nint handle, int length = 96)
    {
        var buffer = new byte[length + 1];
        fixed (byte* bytes = buffer)
        {
            var result = Call(name, handle, (nint)bytes, length);
            var end = Array.IndexOf(buffer, (byte)0);
            return (result, Encoding.UTF8.GetString(buffer, 0, end < 0 ? length : end));
        }
    }

    /// <summary>Field values by id and scope: return code and the raw value.</summary>
    public (int Result, ulong Value, int Type)[] ReadFields(nint handle, params (uint Id, uint Scope)[] fields)
    {
        var records = new byte[fields.Length * 40];
        for (var index = 0; index < fields.Length; index++)
        {
            BitConverter.TryWriteBytes(records.AsSpan(index * 40), fields[index].Id);
            BitConverter.TryWriteBytes(records.AsSpan(index * 40 + 4), fields[index].Scope);
        }
        fixed (byte* bytes = records) Call("nvmlDeviceGetFieldValues", handle, fields.Length, (nint)bytes).Should().Be(Success);
        return [.. fields.Select((_, index) => (BitConverter.ToInt32(records, index * 40 + 28), BitConverter.ToUInt64(records, index * 40 + 32), BitConverter.ToInt32(records, index * 40 + 24)))];
    }

    /// <summary>A record of a versioned struct with its version word.</summary>
    public static byte[] Record(int size, uint version)
    {
        var record = new byte[size];
        BitConverter.TryWriteBytes(record, version);
        return record;
    }

    public static uint VersionWord(int size, int number) => (uint)(size | (number << 24));

    public void Dispose() => NativeLibrary.Free(_library);
}
