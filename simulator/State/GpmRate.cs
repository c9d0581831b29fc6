namespace Monitoring.Simulator.State;

/// <summary>Places in the GPM tables of the state; native/gpm.c has the same list. Shares are 0 to 1, traffic is in MiB/s.</summary>
internal enum GpmRate
{
    Graphics = 0,
    Sm = 1,
    SmOccupancy = 2,
    Integer = 3,
    AnyTensor = 4,
    DfmaTensor = 5,
    HmmaTensor = 6,
    DmmaTensor = 7,
    ImmaTensor = 8,
    DramBandwidth = 9,
    Fp64 = 10,
    Fp32 = 11,
    Fp16 = 12,
    PcieTransmit = 13,
    PcieReceive = 14,
    NvlinkReceive = 15,
    NvlinkTransmit = 16,

    /// <summary>The first of eight decoders.</summary>
    Decoder = 17,

    /// <summary>The first of eight JPEG decoders.</summary>
    Jpeg = 25,

    /// <summary>The first of two optical flow engines.</summary>
    OpticalFlow = 33,

    /// <summary>The first of four encoders.</summary>
    Encoder = 35,
    End = 39,
}
