namespace Monitoring.Simulator.Model;

/// <summary>What incidents do to a GPU's surroundings; the model turns it into readings.</summary>
internal sealed class GpuConditions
{
    /// <summary>Thermal resistance relative to a healthy heat sink.</summary>
    public double HeatResistance { get; set; } = 1;

    /// <summary>The power supply pulls the brake line: clocks fall to the floor.</summary>
    public bool PowerBrake { get; set; }

    /// <summary>Speed of this GPU relative to a healthy one at the same clocks.</summary>
    public double Speed { get; set; } = 1;

    /// <summary>Links that are down.</summary>
    public HashSet<int> DownLinks { get; } = [];
}
