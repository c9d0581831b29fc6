using System.Globalization;

namespace Monitoring.Simulator.KernelLog;

/// <summary>What the driver writes into the kernel's log for an XID.</summary>
internal static class XidText
{
    /// <summary>The lines for an XID of a GPU.</summary>
    /// <param name="address">Domain, bus and device as the driver writes them: <c>0000:91:00</c>.</param>
    /// <param name="code">The XID.</param>
    /// <param name="pid">The process that it names; null for none.</param>
    /// <param name="process">Its name.</param>
    internal static IEnumerable<string> Lines(string address, ulong code, uint? pid, string process)
    {
        var who = pid is { } id ? string.Create(CultureInfo.InvariantCulture, $"pid={id}, name={process}") : "pid='<unknown>', name=<unknown>";
        var words = code switch
        {
            13 => "Graphics SM Warp Exception on (GPC 1, TPC 3, SM 0): Out Of Range Address",
            31 => "Ch 00000007, intr 00000000. MMU Fault: ENGINE GRAPHICS GPCCLIENT_T1_0 faulted @ 0x7fc1_23456000. Fault is of type FAULT_PDE ACCESS_TYPE_VIRT_READ",
            43 or 45 => "Ch 00000008",
            48 => "An uncorrectable double bit error (DBE) has been detected on GPU in the framebuffer at partition 3, subpartition 0.",
            63 => "Row Remapper: New row marked for remapping, reset gpu to activate.",
            64 => "Row Remapper: Error: Unable to remap row, no spare rows are left.",
            74 => "NVLink: fatal error detected on link 0(0x0, 0x0, 0x10000, 0x0, 0x0, 0x0, 0x0)",
            79 => "GPU has fallen off the bus.",
            94 => "Contained: SM (0x1). RST: No, D-RST: No",
            95 => "Uncontained: LTC TAG (0x2,0x0). RST: Yes, D-RST: No",
            119 => "Timeout after 6s of waiting for RPC response from GPU0 GSP! Expected function 76 (GSP_RM_CONTROL) (0x20802a02 0x8).",
            _ => "",
        };
        yield return string.Create(CultureInfo.InvariantCulture, $"NVRM: Xid (PCI:{address}): {code}, {who}{(words.Length > 0 ? ", " : "")}{words}");
        if (code == 79) yield return $"NVRM: GPU {address}.0: GPU has fallen off the bus.";
    }

    /// <summary>True for an XID that the driver blames on the process that ran.</summary>
    internal static bool NamesProcess(ulong code) => code is 13 or 31 or 32 or 43 or 45 or 94;
}
