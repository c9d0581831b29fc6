namespace Monitoring.Simulator.Model;

/// <summary>Readings that a test may hold, so that the model leaves them alone.</summary>
[Flags]
internal enum GpuReadings
{
    None = 0,
    Power = 1,
    Temperature = 2,
    MemoryTemperature = 4,
    Utilization = 8,
    Memory = 16,
    Clocks = 32,
    ClockEventReasons = 64,
    Gpm = 128,
    Traffic = 256,
    Processes = 512,
}
