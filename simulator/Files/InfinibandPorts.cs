using System.Globalization;

namespace Monitoring.Simulator.Files;

/// <summary>The node's InfiniBand adapters as sysfs shows them: one port each, 400 Gb/s.</summary>
internal sealed class InfinibandPorts
{
    public const int Count = 2;
    private const string FullRate = "400 Gb/sec (4X NDR)";

    private readonly string _root;
    private readonly ulong[] _downed = new ulong[Count];
    private readonly ulong[] _symbolErrors = new ulong[Count];
    private readonly bool[] _up = [true, true];

    public InfinibandPorts(string sysfs)
    {
        _root = Path.Combine(sysfs, "class/infiniband");
        for (var port = 0; port < Count; port++) Write(port);
    }

    public bool IsUp(int port) => _up[Checked(port)];

    /// <summary>Takes a port down, which counts, or up.</summary>
    public void SetUp(int port, bool isUp)
    {
        if (_up[Checked(port)] && !isUp) _downed[port]++;
        _up[port] = isUp;
        Write(port);
    }

    public void AddSymbolErrors(int port, ulong count)
    {
        _symbolErrors[Checked(port)] += count;
        Write(port);
    }

    private void Write(int port)
    {
        var path = Path.Combine(_root, string.Create(CultureInfo.InvariantCulture, $"mlx5_{port}"), "ports", "1");
        TreeFile.Write(Path.Combine(path, "counters", "link_downed"), Number(_downed[port]));
        TreeFile.Write(Path.Combine(path, "counters", "symbol_error"), Number(_symbolErrors[port]));
        TreeFile.Write(Path.Combine(path, "counters", "link_error_recovery"), Number(0));
        TreeFile.Write(Path.Combine(path, "counters", "port_rcv_errors"), Number(0));
        TreeFile.Write(Path.Combine(path, "link_layer"), "InfiniBand\n");
        TreeFile.Write(Path.Combine(path, "rate"), FullRate + "\n");
        TreeFile.Write(Path.Combine(path, "phys_state"), _up[port] ? "5: LinkUp\n" : "2: Polling\n");
        TreeFile.Write(Path.Combine(path, "state"), _up[port] ? "4: ACTIVE\n" : "1: DOWN\n");
    }

    private static string Number(ulong value) => string.Create(CultureInfo.InvariantCulture, $"{value}\n");

    private static int Checked(int port)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(port);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(port, Count);
        return port;
    }
}
