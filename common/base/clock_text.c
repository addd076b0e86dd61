/* SPDX-License-Identifier: Apache-2.0 */
/* Clock: how moments are written. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>

#include "common/base/clock.h"

enum {
        SECOND_MS = 1000,
        MINUTE_MS = 60 * SECOND_MS,
        HOUR_MS = 60 * MINUTE_MS,
        DAY_MS = 24 * HOUR_MS,
};
#define WALL_MS_MIN INT64_C(-62167219200000) /* 0000-01-01 */
#define WALL_MS_MAX INT64_C(253402300799999) /* 9999-12-31 */

/* Days since 1970-01-01 in the Gregorian calendar; years are counted from March on. */
static int64_t days_of_date(int year, int month, int day) {
        int64_t y = year - (month <= 2);
        int64_t era = (y >= 0 ? y : y - 399) / 400;
        int64_t year_of_era = y - era * 400;
        int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

        return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 +
               day_of_year - 719468;
}

static void date_of_days(int64_t days, int *yearp, int *monthp, int *dayp) {
        int64_t z = days + 719468;
        int64_t era = (z >= 0 ? z : z - 146096) / 146097;
        int64_t day_of_era = z - era * 146097;
        int64_t year_of_era =
                (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
        int64_t day_of_year =
                day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        int64_t month = (5 * day_of_year + 2) / 153;

        *dayp = (int)(day_of_year - (153 * month + 2) / 5 + 1);
        *monthp = (int)(month < 10 ? month + 3 : month - 9);
        *yearp = (int)(year_of_era + era * 400 + (*monthp <= 2));
}

const char *clock_format(int64_t wall_ms, char text[static CLOCK_TEXT_SIZE]) {
        int64_t days = 0;
        int64_t rest = 0;
        int year = 0;
        int month = 0;
        int day = 0;

        wall_ms = wall_ms < WALL_MS_MIN   ? WALL_MS_MIN
                  : wall_ms > WALL_MS_MAX ? WALL_MS_MAX
                                          : wall_ms;
        days = wall_ms / DAY_MS - (wall_ms % DAY_MS < 0);
        rest = wall_ms - days * DAY_MS;
        date_of_days(days, &year, &month, &day);
        (void)snprintf(text, CLOCK_TEXT_SIZE, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", year, month,
                       day, (int)(rest / HOUR_MS), (int)(rest / MINUTE_MS % 60),
                       (int)(rest / SECOND_MS % 60), (int)(rest % SECOND_MS));
        return text;
}

static bool is_digit(char c) {
        return c >= '0' && c <= '9';
}

/* Reads n digits and, unless it is 0, the character after them. */
static bool take(const char **at, int n, char after, int *valuep) {
        int value = 0;

        for (int i = 0; i < n; i++, (*at)++) {
                if (!is_digit(**at))
                        return false;
                value = value * 10 + (**at - '0');
        }
        if (after && *(*at)++ != after)
                return false;
        *valuep = value;
        return true;
}

static int days_in_month(int year, int month) {
        static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
        bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

        return days[month - 1] + (month == 2 && leap);
}

/* `.123…` to milliseconds; further digits are cut. */
static bool take_fraction(const char **at, int *msp) {
        int weight = 100;

        *msp = 0;
        if (**at != '.')
                return true;
        (*at)++;
        if (!is_digit(**at))
                return false;
        for (; is_digit(**at); (*at)++, weight /= 10)
                *msp += (**at - '0') * weight;
        return true;
}

/* `Z`, or an offset `+02:00`. */
static bool take_zone(const char **at, int *minutesp) {
        int hours = 0;
        int minutes = 0;
        char sign = *(*at)++;

        *minutesp = 0;
        if (sign == 'Z' || sign == 'z')
                return true;
        if (sign != '+' && sign != '-')
                return false;
        if (!take(at, 2, ':', &hours) || !take(at, 2, 0, &minutes) || hours > 23 || minutes > 59)
                return false;
        *minutesp = (sign == '-' ? -1 : 1) * (hours * 60 + minutes);
        return true;
}

int clock_parse(int64_t *wall_msp, const char *text) {
        int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, ms = 0, zone = 0;
        const char *at = text;

        if (!take(&at, 4, '-', &year) || !take(&at, 2, '-', &month) || !take(&at, 2, 0, &day))
                return -EINVAL;
        if (month < 1 || month > 12 || day < 1 || day > days_in_month(year, month))
                return -EINVAL;
        if (*at != '\0') {
                if (*at != 'T' && *at != 't')
                        return -EINVAL;
                at++;
                if (!take(&at, 2, ':', &hour) || !take(&at, 2, ':', &minute) ||
                    !take(&at, 2, 0, &second) || !take_fraction(&at, &ms) || !take_zone(&at, &zone))
                        return -EINVAL;
                /* 60 is a leap second: the moment after it. */
                if (*at != '\0' || hour > 23 || minute > 59 || second > 60)
                        return -EINVAL;
        }
        *wall_msp = days_of_date(year, month, day) * DAY_MS + (int64_t)hour * HOUR_MS +
                    (int64_t)(minute - zone) * MINUTE_MS + (int64_t)second * SECOND_MS + ms;
        return 0;
}
