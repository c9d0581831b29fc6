using System.Reflection.Emit;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using FluentAssertions;
using Monitoring.Simulator.State;
using Monitoring.Simulator;
using Xunit;

namespace Monitoring.Tests.Simulator;

public sealed unsafe class StateLayoutTests
{
    private static readonly Type[] Structs =
        [typeof(NodeState), typeof(GpuState), typeof(EventState), typeof(LinkState), typeof(ProcessState), typeof(MigState), typeof(MigProfileState), typeof(SampleState)];

    [Fact]
    public void Every_offset_and_size_of_the_state_is_the_same_in_c_and_csharp()
    {
        using var nvml = new NvmlClient(SimulatorLibrary.Path);
        var c = new SortedDictionary<string, (uint Offset, uint Size)>(StringComparer.Ordinal);
        for (var entry = (byte*)nvml.Export("gpuSimulatorLayout"); *(nint*)entry != 0; entry += 16)
            c[CsharpName(Marshal.PtrToStringUTF8(*(nint*)entry)!)] = (*(uint*)(entry + 8), *(uint*)(entry + 12));

        var csharp = new SortedDictionary<string, (uint Offset, uint Size)>(StringComparer.Ordinal);
        foreach (var type in Structs)
        {
            csharp[type.Name] = (0, SizeOf(type));
            foreach (var field in type.GetFields(BindingFlags.Instance | BindingFlags.Public))
                csharp[$"{type.Name}.{field.Name}"] = (OffsetOf(type, field), SizeOf(field.FieldType));
        }

        c.Should().HaveCountGreaterThan(200);
        c.Select(entry => $"{entry.Key} {entry.Value}").Should().Equal(csharp.Select(entry => $"{entry.Key} {entry.Value}"));
    }

    [Fact]
    public void Every_function_of_the_list_is_exported_and_has_the_same_place_in_c_and_csharp()
    {
        using var nvml = new NvmlClient(SimulatorLibrary.Path);
        var names = FunctionTable.Names.ToList();
        names.Should().HaveCount(415);
        foreach (var name in names)
        {
            nvml.Exports(name).Should().BeTrue(name);
            ((delegate* unmanaged[Cdecl]<uint, nint>)nvml.Export("gpuSimulatorFunction"))((uint)FunctionTable.IndexOf(name))
                .Should().NotBe(0, name);
            Marshal.PtrToStringUTF8(((delegate* unmanaged[Cdecl]<uint, nint>)nvml.Export("gpuSimulatorFunction"))((uint)FunctionTable.IndexOf(name))).Should().Be(name);
        }
    }

    [Fact]
    public void The_library_has_the_soname_that_clients_load()
    {
        var library = File.ReadAllBytes(SimulatorLibrary.Path).AsSpan();
        library.IndexOf("libnvidia-ml.so.1\0"u8).Should().BePositive();
    }

    private static string CsharpName(string name) => string.Concat(name.Split('.').Select((part, index) =>
        index == 0 ? part : "." + string.Concat(part.Split('_').Select(word => char.ToUpperInvariant(word[0]) + word[1..]))));

    private static uint SizeOf(Type type) =>
        (uint)(int)typeof(Unsafe).GetMethod(nameof(Unsafe.SizeOf))!.MakeGenericMethod(type).Invoke(null, null)!;

    /// <summary>The distance of a field from the start of its struct.</summary>
    private static uint OffsetOf(Type type, FieldInfo field)
    {
        var method = new DynamicMethod("offset", typeof(nint), [typeof(nint)], type.Module, skipVisibility: true);
        var code = method.GetILGenerator();
        code.Emit(OpCodes.Ldarg_0);
        code.Emit(OpCodes.Ldflda, field);
        code.Emit(OpCodes.Conv_U);
        code.Emit(OpCodes.Ret);
        // The runtime may touch the struct to see that it is there, so it must be.
        var memory = (nint)NativeMemory.AllocZeroed((nuint)sizeof(NodeState));
        try
        {
            return (uint)(((Func<nint, nint>)method.CreateDelegate(typeof(Func<nint, nint>)))(memory) - memory);
        }
        finally
        {
            NativeMemory.Free((void*)memory);
        }
    }
}
