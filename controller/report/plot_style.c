#include "labctl/cleanup.h"
#include "report/plots.h"

const struct plot_style *plot_style(enum model_kind model, size_t variant)
{
    static const struct plot_style client_server[] = {
        { "#e69f00", 7, "solid 1.0" },
        { "#d55e00", 9, "pattern 4" },
        { "#8c5a00", 13, "pattern 2" },
    };
    static const struct plot_style peer_to_peer[] = {
        { "#0072b2", 5, "solid 1.0" },
        { "#56b4e9", 11, "pattern 5" },
        { "#003f63", 15, "pattern 1" },
    };
    size_t i = variant % ARRAY_LENGTH(client_server);
    return model == MODEL_P2P ? &peer_to_peer[i] : &client_server[i];
}

const char *plot_model_text(enum model_kind model)
{
    static const char *const texts[] = {
        [MODEL_CS] = "client/server",
        [MODEL_P2P] = "peer to peer",
    };
    return texts[model];
}

const char *plot_time_unit(double largest_s, double *per_second)
{
    *per_second = largest_s < 1 ? 1e3 : 1;
    return largest_s < 1 ? "ms" : "s";
}

bool plot_wants_log(double smallest, double largest)
{
    return smallest > 0 && largest / smallest > 50;
}
